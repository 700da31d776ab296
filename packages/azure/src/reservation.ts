import type { BlobHTTPHeaders } from '@azure/storage-blob';
import type { WriteId } from '@fieldfile/storage';
import type { ObjectKey } from '@fieldfile/storage/backend';
import type { AzureContext } from './context.ts';
import { isTaken } from './errors.ts';
import { toBlobMetadata } from './metadata.ts';
import { etagOf, RESERVATION_TYPE } from './object-info.ts';
import { ownWrite } from './own-write.ts';
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
  key: ObjectKey,
  writeId: WriteId,
): Promise<string> {
  try {
    const { etag } = await call.ask(abortSignal =>
      context.blob(key).upload('', 0, {
        abortSignal,
        conditions: { ifNoneMatch: '*' },
        ...reservation(writeId),
      }),
    );
    return etag ?? '';
  } catch (error) {
    const own = isTaken(error) ? await ownWrite(context, call, key, writeId) : undefined;
    if (!own) throw error;
    return etagOf(own.version);
  }
}
