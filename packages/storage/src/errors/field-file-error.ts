/** What went wrong, in one word. Codes are stable: switch on them, not on messages. */
export type ErrorCode =
  /** The object, bucket, container or root does not exist. */
  | 'not-found'
  /** An exclusive create found the name occupied. */
  | 'exists'
  /** The handle has no file: ask `handle.stored` first. */
  | 'no-file'
  /** A name that is absolute, has dot segments, NUL or control characters, or leads out of the storage. */
  | 'suspicious-name'
  /** The name does not fit `maxLength` or the storage's name limit, and cannot be shortened. */
  | 'name-too-long'
  /** An argument is malformed. */
  | 'invalid-argument'
  /** The content's type is not in the field's `accept`. */
  | 'not-accepted'
  /** The field's inspector could not judge the content: nothing was stored. */
  | 'not-inspected'
  /** The content is larger than `maxSizeBytes`, or than the storage can hold. */
  | 'too-large'
  /** A request is not what its headers say, breaks off, or has something that its form has no field for. */
  | 'malformed-request'
  /** A request has more bytes, in all, than are taken. */
  | 'request-too-large'
  /** A request has more files than are taken, or more than one where one is. */
  | 'too-many-files'
  /** A form has more parts or texts than are taken. */
  | 'too-many-fields'
  /** A text of a form is longer than is taken. */
  | 'text-too-large'
  /** The headers of a form's part are larger than is taken. */
  | 'headers-too-large'
  /** For too long, nothing came of a request. */
  | 'too-slow'
  /** A page of another origin has sent the request. */
  | 'cross-origin'
  /** A stream that was read, locked or destroyed before, or a second `open()` of a one-shot source. */
  | 'content-consumed'
  /** The owner of the handle was collected and nothing can update its row. */
  | 'owner-collected'
  /** The row was loaded without the file's column. */
  | 'deferred'
  /** A class field hides the accessor of a file field. */
  | 'shadowed-field'
  /** The row changed or vanished while the operation was under way. */
  | 'conflict'
  /** The write's journal entry was taken by recovery: nothing may be committed on it. */
  | 'intent-lost'
  /** The transaction or savepoint that this belongs to has ended: nothing was written, and what was stored is taken back. */
  | 'transaction-ended'
  /** The database ended the transaction by itself, and its work went on: what is written of it is not known. */
  | 'transaction-lost'
  /** The journal could not be written: nothing was stored. */
  | 'journal'
  /** Another application keeps objects at the same location: nothing was removed. */
  | 'shared-location'
  /** The storage refused: wrong credentials, missing right, read-only. */
  | 'permission'
  /** The caller's signal was aborted. */
  | 'aborted'
  | 'timeout'
  | 'throttled'
  /** Bytes differ from their length or digest. */
  | 'integrity'
  /** This storage cannot do that. */
  | 'unsupported'
  /** `ifMatch` named another version than the one that is there. */
  | 'precondition'
  /** No storage under that alias. */
  | 'unknown-storage'
  /** The disk or quota is full. */
  | 'no-space'
  /** Anything else from the provider or the operating system; see `cause`. */
  | 'backend';

/** What is known of a failed write: it happened, it did not, or nobody can tell. */
export type Applied = boolean | 'unknown';

export interface FieldFileErrorOptions {
  /** The method that failed, as the caller knows it: `save`, `create`, `read`. */
  readonly operation?: string | undefined;
  /** `Backend.id` of the storage. */
  readonly storage?: string | undefined;
  /** Object name, or the value that was refused. */
  readonly name?: string | undefined;
  /** `model.field`, where a field is involved. */
  readonly field?: string | undefined;
  /** Whether the same call may succeed if made again. Default: false. */
  readonly retryable?: boolean | undefined;
  /** How long the service asks to wait before the call is made again. */
  readonly retryAfterSeconds?: number | undefined;
  /** Default: false. */
  readonly applied?: Applied | undefined;
  readonly cause?: unknown;
}

const BRAND: unique symbol = Symbol.for('@fieldfile/storage/error');

/**
 * The one error FieldFile throws. Recognise it with {@link isFieldFileError}, which also holds when two copies
 * of the package are installed.
 *
 * @example
 * ```ts
 * import { isFieldFileError } from '@fieldfile/storage';
 *
 * export function isMissing(error: unknown): boolean {
 *   return isFieldFileError(error, 'not-found');
 * }
 * ```
 */
export class FieldFileError extends Error {
  override readonly name: string = 'FieldFileError';
  readonly code: ErrorCode;
  readonly operation: string | undefined;
  readonly storage: string | undefined;
  /** Object name, or the value that was refused (`name` is taken by `Error`). */
  readonly objectName: string | undefined;
  readonly field: string | undefined;
  readonly retryable: boolean;
  /** How long the service asked to wait (`Retry-After`); a storage's own retries have kept to it within their limits. */
  readonly retryAfterSeconds: number | undefined;
  readonly applied: Applied;

  constructor(code: ErrorCode, message: string, options: FieldFileErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.operation = options.operation;
    this.storage = options.storage;
    this.objectName = options.name;
    this.field = options.field;
    this.retryable = options.retryable ?? false;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.applied = options.applied ?? false;
    Object.defineProperty(this, BRAND, { value: true });
    releaseFrames(this);
  }
}

/**
 * Whether a value is a FieldFile error, optionally one of the given codes.
 *
 * @example
 * ```ts
 * import { isFieldFileError } from '@fieldfile/storage';
 *
 * export const worthRetrying = (error: unknown): boolean =>
 *   isFieldFileError(error, 'timeout', 'throttled') && error.retryable;
 * ```
 */
export function isFieldFileError(value: unknown, ...codes: readonly ErrorCode[]): value is FieldFileError {
  if (typeof value !== 'object' || value === null || !(BRAND in value)) return false;
  return codes.length === 0 || codes.includes((value as unknown as FieldFileError).code);
}

/**
 * Makes an error forget its frames, keeping their text.
 *
 * V8 formats `stack` on first use and until then keeps every frame's receiver and function: an error thrown out
 * of `user.avatar.save()` and kept in a log buffer would keep `user`, through the caller's frame. Reading `stack`
 * once drops them.
 */
export function releaseFrames<E>(error: E): E {
  if (error instanceof Error) void error.stack;
  return error;
}
