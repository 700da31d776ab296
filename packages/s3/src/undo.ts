import { DeleteObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { isFieldFileError, type WriteId } from '@fieldfile/storage';
import type { ObjectName, UndoOptions, UndoResult } from '@fieldfile/storage/backend';
import { abortUploads } from './abort-upload.ts';
import { decodeMetadata } from './metadata.ts';
import type { WriteContext } from './write.ts';

/** What to do about uploads behind a reservation. */
interface S3UndoOptions extends UndoOptions {
  /** The write knows its upload to be gone: none is looked for. */
  readonly uploadIsGone?: boolean;
}

/** Takes back what a write left under a name: its object, or its reservation with the upload behind it. */
export async function undo(
  context: WriteContext,
  name: ObjectName,
  writeId: WriteId,
  { signal, uploadIsGone = false, keepObject = false }: S3UndoOptions = {},
): Promise<UndoResult> {
  const { connection, conditions } = context;
  // Where that is not known it is asked for: at the worst it is ignored.
  const isConditional = conditions.known('remove') ?? true;
  const call = { operation: 'undo', name, signal };
  for (;;) {
    const head = await connection.sendIfThere(
      new HeadObjectCommand({ Bucket: connection.bucket, Key: name }),
      call,
    );
    if (!head) return 'absent';
    const found = decodeMetadata(head.Metadata);
    if (keepObject || found.writeId !== writeId) return 'foreign';
    if (found.isReservation && !uploadIsGone)
      await abortUploads(context, name, { from: head.LastModified }, signal);
    try {
      await connection.send(
        new DeleteObjectCommand({
          Bucket: connection.bucket,
          Key: name,
          // Where versions are kept: this one and for good, not a marker over it.
          ...(head.VersionId === undefined ? {} : { VersionId: head.VersionId }),
          ...(isConditional ? { IfMatch: head.ETag } : {}),
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
