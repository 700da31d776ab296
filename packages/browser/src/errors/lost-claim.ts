import { UploadError } from './upload-error.ts';

/** The claim is over: what was sent for it is lost, and the file is to be claimed anew. */
export class LostClaim extends UploadError {
  constructor(cause: UploadError) {
    super(cause.code, cause.message, { status: cause.status, cause });
  }
}

/** The error, as that of a claim that is over where the answer has one of these statuses. */
export const lostOr = (error: unknown, statuses: readonly number[]): unknown =>
  error instanceof UploadError && statuses.includes(error.status ?? 0) ? new LostClaim(error) : error;
