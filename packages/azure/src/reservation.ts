import type { BlobHTTPHeaders } from '@azure/storage-blob';
import type { WriteId } from '@fieldfile/storage';
import type { ObjectName } from '@fieldfile/storage/backend';
import { again } from './again.ts';
import type { AzureContext } from './context.ts';
import { isTaken } from './errors.ts';
import { toBlobMetadata } from './metadata.ts';
import { etagOf, RESERVATION_TYPE } from './object-info.ts';
import { findOwn } from './own-write.ts';
import type { Call } from './request.ts';

/** What marks a blob that only holds a name. */
export const reservation = (
  writeId: WriteId,
): { readonly metadata: Record<string, string>; readonly blobHTTPHeaders: BlobHTTPHeaders } => ({
  metadata: toBlobMetadata(writeId),
  blobHTTPHeaders: { blobContentType: RESERVATION_TYPE },
});

/**
 * Takes a name by an empty blob that says whose it is. Only its owner sends blocks under that name then: whoever
 * commits would discard those of others.
 *
 * @returns the ETag on which the upload is conditional.
 */
export async function reserve(
  context: AzureContext,
  call: Call,
  name: ObjectName,
  writeId: WriteId,
): Promise<string> {
  const put = async (): Promise<string> => {
    const { etag } = await call.ask(abortSignal =>
      context.blob(name).upload('', 0, {
        abortSignal,
        conditions: { ifNoneMatch: '*' },
        ...reservation(writeId),
      }),
    );
    return etag ?? '';
  };
  const own = async (): Promise<string | undefined> => {
    const found = await findOwn(context, call, name, writeId);
    return found && etagOf(found.version);
  };
  try {
    return await again(context, call, name, put, own);
  } catch (error) {
    const held = isTaken(error) && context.clientRepeats ? await own() : undefined;
    if (held === undefined) throw error;
    return held;
  }
}
