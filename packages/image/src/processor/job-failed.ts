import { FieldFileError } from '@fieldfile/core';
import { JobError, type JobFailure } from './sharp-job.ts';

/** What a caller gets of a job that failed. */
export function jobFailed(error: unknown): unknown {
  return error instanceof JobError ? ofFailure(error.failure) : error;
}

/** Of a failure that came from another process. */
export function ofFailure({ code, message }: JobFailure): FieldFileError {
  return new FieldFileError(code, message, { operation: 'process', retryable: code === 'timeout' });
}

/** @throws `aborted`. */
export function throwIfGivenUp(signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw new FieldFileError('aborted', 'The job was given up.', {
      operation: 'process',
      cause: signal.reason,
    });
}
