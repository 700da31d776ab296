import type { BlobHTTPHeaders } from '@azure/storage-blob';
import type { ObjectKey, WriteId } from '@fieldfile/core/backend';
import type { AzureContext } from './context.ts';
import { isTaken } from './errors.ts';
import { fromBlobMetadata, toBlobMetadata } from './metadata.ts';
import { RESERVATION_TYPE } from './object-info.ts';
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
  { blob, clientRepeats }: AzureContext,
  call: Call,
  key: ObjectKey,
  writeId: WriteId,
): Promise<string> {
  try {
    const { etag } = await call.ask(abortSignal =>
      blob(key).upload('', 0, {
        abortSignal,
        conditions: { ifNoneMatch: '*' },
        ...reservation(writeId),
      }),
    );
    return etag ?? '';
  } catch (error) {
    if (!clientRepeats || !isTaken(error)) throw error;
    const found = await call.ask(abortSignal => blob(key).getProperties({ abortSignal }));
    if (fromBlobMetadata(found.metadata).writeId !== writeId) throw error;
    return found.etag ?? '';
  }
}
