import type { UploadInPieces } from '@fieldfile/core/resumable';
import { FieldFileError, isFieldFileError, type ObjectVersion } from '@fieldfile/storage';
import { writeIdWithin } from '@fieldfile/storage/parts';
import { decodeProgress, encodeProgress, type Progress } from './progress.ts';

/** What was read, and the version that alone may be replaced by what follows from it. */
export interface KeptProgress {
  readonly progress: Progress;
  readonly version: ObjectVersion;
}

/** What a process that dies in the midst of it leaves, goes with the upload. */
const ofUpload = ({ writeId }: UploadInPieces) =>
  ({ contentType: 'application/octet-stream', writeId: writeIdWithin(writeId) }) as const;

/** Writes down where an upload begins. */
export async function createProgress(upload: UploadInPieces, progress: Progress): Promise<KeptProgress> {
  const { storage, progressName } = upload;
  const write = await storage.create(progressName, encodeProgress(progress), {
    ...ofUpload(upload),
    onTaken: 'fail',
  });
  await storage.settle(write.name, write.writeId);
  return { progress, version: write.info.version };
}

/** @throws `not-found` for an upload that has ended. */
export async function readProgress({ storage, progressName }: UploadInPieces): Promise<KeptProgress> {
  await using opened = await storage.open(progressName);
  return { progress: decodeProgress(await opened.bytes()), version: opened.info.version };
}

/** @throws `conflict` where another request goes on with the upload; `not-found` where it has ended. */
export async function replaceProgress(
  upload: UploadInPieces,
  { version }: KeptProgress,
  progress: Progress,
): Promise<KeptProgress> {
  const { storage, progressName } = upload;
  try {
    const info = await storage.replace(progressName, encodeProgress(progress), {
      ...ofUpload(upload),
      ifMatch: version,
    });
    return { progress, version: info.version };
  } catch (error) {
    if (!isFieldFileError(error, 'precondition', 'not-found', 'conflict')) throw error;
    if (await storage.exists(progressName)) throw takenOver(error);
    throw new FieldFileError('not-found', 'The upload has ended.', { operation: 'upload', cause: error });
  }
}

const takenOver = (cause: unknown): FieldFileError =>
  new FieldFileError('conflict', 'Another request goes on with the upload.', {
    operation: 'upload',
    retryable: true,
    cause,
  });
