import { AbortMultipartUploadCommand, ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { isFieldFileError, type RetryOptions } from '@fieldfile/storage';
import { type ObjectName, PageTokens, withRetries } from '@fieldfile/storage/backend';
import type { Connection } from './connection.ts';
import { decodeKey } from './key-encoding.ts';

/** Where uploads are, and the ids of those that this storage is sending. */
interface Uploads {
  readonly connection: Connection;
  readonly retry: RetryOptions;
  readonly liveUploads: ReadonlySet<string>;
}

/** Takes an upload back, with the parts it has. One that is gone is no error. */
export async function abortUpload(
  { connection, retry }: Omit<Uploads, 'liveUploads'>,
  name: ObjectName,
  uploadId: string,
  operation: string,
): Promise<void> {
  const call = { operation, name, writes: true };
  await withRetries(
    async () => {
      const command = new AbortMultipartUploadCommand({
        Bucket: connection.bucket,
        Key: name,
        UploadId: uploadId,
      });
      try {
        await connection.send(command, call);
      } catch (error) {
        if (!isFieldFileError(error, 'conflict', 'not-found') || error.retryable) throw error;
      }
    },
    retry,
    undefined,
  );
}

/** When uploads began, by the server's clock. */
export interface Begun {
  /** Default: at any time. */
  readonly from?: Date | undefined;
  readonly before?: Date | undefined;
}

/**
 * Aborts the uploads under exactly this name that began when it was reserved or later, but for those this storage is sending.
 * S3 tells no more of an upload than name and time: one of another process that replaces what it cannot have seen
 * before would be taken for ours.
 */
export async function abortUploads(
  context: Uploads,
  name: ObjectName,
  { from = new Date(0), before }: Begun,
  signal: AbortSignal | undefined,
): Promise<void> {
  let marker: { readonly KeyMarker?: string; readonly UploadIdMarker?: string } | undefined = {};
  const tokens = new PageTokens(context.connection.context({ operation: 'undo' }));
  while (marker) {
    const page: Awaited<ReturnType<typeof listUploads>> = await listUploads(context, name, marker, signal);
    for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
      if (UploadId === undefined || context.liveUploads.has(UploadId)) continue;
      if (decodeKey(Key, page.EncodingType) !== name) continue;
      // Both by the server's clock, one of them in whole seconds.
      if (Initiated && Initiated.getTime() < Math.floor(from.getTime() / 1000) * 1000) continue;
      if (before && !(Initiated && Initiated < before)) continue;
      await abortUpload(context, name, UploadId, 'undo');
    }
    const { NextKeyMarker } = page;
    const NextUploadIdMarker = tokens.next(page.IsTruncated ? page.NextUploadIdMarker : undefined);
    // Names come in order: beyond this one there is nothing to find.
    const goesOn = page.IsTruncated && decodeKey(NextKeyMarker, page.EncodingType) === name;
    marker = goesOn
      ? {
          KeyMarker: name,
          ...(NextUploadIdMarker === undefined ? {} : { UploadIdMarker: NextUploadIdMarker }),
        }
      : undefined;
  }
}

function listUploads(
  { connection }: Uploads,
  name: ObjectName,
  marker: { readonly KeyMarker?: string; readonly UploadIdMarker?: string },
  signal: AbortSignal | undefined,
) {
  return connection.send(
    new ListMultipartUploadsCommand({
      Bucket: connection.bucket,
      Prefix: name,
      EncodingType: 'url',
      ...marker,
    }),
    { operation: 'undo', name, signal },
  );
}
