import { type Applied, type ErrorCode, FieldFileError } from './field-file-error.ts';

/** What an error of a service means: a backend has a table of these. */
export interface Meaning {
  readonly code: ErrorCode;
  /** What is so, and what to do about it: `the disk is full: make room`. */
  readonly what: string;
  /** Default: false. */
  readonly retryable?: boolean;
  /** Whether what was to be changed was changed all the same. Default: false. */
  readonly applied?: Applied;
  /** What the service asks to be left alone for. */
  readonly retryAfterSeconds?: number | undefined;
}

/** What was being done. */
export interface FailedCall {
  readonly operation: string;
  readonly storage: string;
  readonly name?: string | undefined;
}

/**
 * A service's error as ours, in the words of every backend: `"a.txt" on storage "fs:/srv": the disk is full: make room
 * (create, ENOSPC).`
 *
 * @param word of the service for it, where it has one.
 */
export function serviceFailure(
  { code, what, ...more }: Meaning,
  { operation, storage, name }: FailedCall,
  cause: unknown,
  word?: string | number,
): FieldFileError {
  const subject =
    name === undefined ? `Storage "${storage}"` : `${JSON.stringify(name)} on storage "${storage}"`;
  const where = word === undefined ? operation : `${operation}, ${word}`;
  const { retryable = false, applied = false, retryAfterSeconds } = more;
  const about = { operation, storage, name, retryable, applied, retryAfterSeconds, cause };
  return new FieldFileError(code, `${subject}: ${what} (${where}).`, about);
}
