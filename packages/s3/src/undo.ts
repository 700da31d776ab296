import { DeleteObjectCommand, HeadObjectCommand, ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { isFieldFileError, type WriteId } from '@fieldfile/storage';
import type { ObjectKey, UndoOptions, UndoResult } from '@fieldfile/storage/backend';
import { decodeKey } from './key-encoding.ts';
import { decodeMetadata } from './metadata.ts';
import { abortUpload } from './multipart.ts';
import type { WriteContext } from './write.ts';

/** What to do about uploads behind a reservation. */
interface S3UndoOptions extends UndoOptions {
  /** The write knows its upload to be gone: none is looked for. */
  readonly uploadIsGone?: boolean;
}

/** Takes back what a write left under a name: its object, or its reservation with the upload behind it. */
export async function undo(
  context: WriteContext,
  key: ObjectKey,
  writeId: WriteId,
  { signal, uploadIsGone = false, keepObject = false }: S3UndoOptions = {},
): Promise<UndoResult> {
  const { connection, conditionalWrites } = context;
  const call = { operation: 'undo', name: key, signal };
  for (;;) {
    const head = await connection.sendIfThere(
      new HeadObjectCommand({ Bucket: connection.bucket, Key: key }),
      call,
    );
    if (!head) return 'absent';
    const found = decodeMetadata(head.Metadata);
    if (keepObject || found.writeId !== writeId) return 'foreign';
    if (found.isReservation && !uploadIsGone) await abortUploads(context, key, head.LastModified, signal);
    try {
      await connection.send(
        new DeleteObjectCommand({
          Bucket: connection.bucket,
          Key: key,
          // Where versions are kept: this one and for good, not a marker over it.
          ...(head.VersionId === undefined ? {} : { VersionId: head.VersionId }),
          ...(conditionalWrites === 'supported' ? { IfMatch: head.ETag } : {}),
        }),
        { ...call, writes: true },
      );
      return 'removed';
    } catch (error) {
      // Changed since it was looked at: look again.
      if (!isFieldFileError(error, 'precondition', 'not-found')) throw error;
    }
  }
}

/**
 * Aborts the uploads under exactly this name that began after it was reserved, but for those this storage is sending.
 * S3 tells no more of an upload than name and time: one of another process that replaces what it cannot have seen
 * before would be taken for ours.
 */
async function abortUploads(
  context: WriteContext,
  key: ObjectKey,
  reservedAt: Date = new Date(0),
  signal: AbortSignal | undefined,
): Promise<void> {
  let marker: { readonly KeyMarker?: string; readonly UploadIdMarker?: string } | undefined = {};
  while (marker) {
    const page: Awaited<ReturnType<typeof listUploads>> = await listUploads(context, key, marker, signal);
    for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
      if (UploadId === undefined || context.liveUploads.has(UploadId)) continue;
      if (decodeKey(Key, page.EncodingType) !== key) continue;
      // Both by the server's clock, one of them in whole seconds.
      if (Initiated && Initiated.getTime() < Math.floor(reservedAt.getTime() / 1000) * 1000) continue;
      await abortUpload(context, key, UploadId, 'undo');
    }
    const { NextKeyMarker, NextUploadIdMarker } = page;
    // Keys come in order: beyond this one there is nothing to find.
    const goesOn = page.IsTruncated && decodeKey(NextKeyMarker, page.EncodingType) === key;
    marker = goesOn
      ? {
          KeyMarker: key,
          ...(NextUploadIdMarker === undefined ? {} : { UploadIdMarker: NextUploadIdMarker }),
        }
      : undefined;
  }
}

function listUploads(
  { connection }: WriteContext,
  key: ObjectKey,
  marker: { readonly KeyMarker?: string; readonly UploadIdMarker?: string },
  signal: AbortSignal | undefined,
) {
  return connection.send(
    new ListMultipartUploadsCommand({
      Bucket: connection.bucket,
      Prefix: key,
      EncodingType: 'url',
      ...marker,
    }),
    { operation: 'undo', name: key, signal },
  );
}
