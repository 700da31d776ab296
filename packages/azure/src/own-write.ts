import type { ObjectInfo, WriteId } from '@fieldfile/storage';
import type { ObjectKey } from '@fieldfile/storage/backend';
import type { AzureContext } from './context.ts';
import { objectInfo, told } from './object-info.ts';
import type { Call } from './request.ts';

/**
 * What that very write made, where a name turned out taken: a client of the caller's may have repeated a request whose
 * first answer was lost. Clients made here repeat nothing, so nothing is asked.
 */
export async function ownWrite(
  { blob, clientRepeats }: AzureContext,
  call: Call,
  key: ObjectKey,
  writeId: WriteId,
): Promise<ObjectInfo | undefined> {
  if (!clientRepeats) return undefined;
  const found = told(await call.ask(abortSignal => blob(key).getProperties({ abortSignal })));
  const info = objectInfo(key, found.contentLength ?? 0, found);
  return info.writeId === writeId ? info : undefined;
}
