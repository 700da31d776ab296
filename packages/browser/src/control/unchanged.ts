import { UploadError } from '../errors/upload-error.ts';

/**
 * A browser refuses to read a file that was changed after it was chosen; a request with it looks like one without a network.
 *
 * @throws {UploadError} `file-changed`
 */
export async function requireUnchanged(file: Blob): Promise<void> {
  try {
    await file.slice(0, 1).arrayBuffer();
  } catch (cause) {
    throw fileChanged(cause);
  }
}

/** @throws {UploadError} `file-changed` */
export async function bytesOf(part: Blob): Promise<ArrayBuffer> {
  try {
    return await part.arrayBuffer();
  } catch (cause) {
    throw fileChanged(cause);
  }
}

const fileChanged = (cause: unknown): UploadError =>
  new UploadError('file-changed', 'The file was changed or removed after it was chosen. Choose it again.', {
    cause,
  });
