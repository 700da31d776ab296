import { UploadError } from './upload-error.ts';

/** The same error, but for whether the same upload is tried again. */
export const again = (cause: UploadError, retryable: boolean): UploadError =>
  new UploadError(cause.code, cause.message, { ...cause, retryable, cause });
