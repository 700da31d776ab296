import type { ObjectInfo, WriteId } from '@fieldfile/storage';
import type { ObjectName } from '@fieldfile/storage/backend';
import type { AzureContext } from './context.ts';
import { isAbsent } from './errors.ts';
import { objectInfo, told } from './object-info.ts';
import type { Call } from './request.ts';

/**
 * What that very write made, where a name turned out occupied: a client of the caller's may have repeated a request whose
 * first answer was lost. Clients made here repeat nothing, so nothing is asked.
 */
export async function ownWrite(
  context: AzureContext,
  call: Call,
  name: ObjectName,
  writeId: WriteId,
): Promise<ObjectInfo | undefined> {
  return context.clientRepeats ? findOwn(context, call, name, writeId) : undefined;
}

/** What is there, if that write made it. */
export async function findOwn(
  { blob }: AzureContext,
  call: Call,
  name: ObjectName,
  writeId: WriteId,
): Promise<ObjectInfo | undefined> {
  try {
    const found = told(await call.ask(abortSignal => blob(name).getProperties({ abortSignal })));
    const info = objectInfo(name, found.contentLength ?? 0, found);
    return info.writeId === writeId ? info : undefined;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}
