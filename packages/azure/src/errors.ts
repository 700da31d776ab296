import { isRestError, type RestError } from '@azure/storage-blob';
import { type Applied, type ErrorCode, FieldFileError, isFieldFileError } from '@fieldfile/storage';
import { isUnreachable, retryAfterSeconds } from '@fieldfile/storage/backend';
import { BrokenBody, NotAStore, TimedOut } from './request.ts';

/** What was being done, for the message. */
export interface ErrorContext {
  readonly operation: string;
  readonly storage: string;
  readonly container: string;
  readonly name?: string | undefined;
}

interface Meaning {
  readonly code: ErrorCode;
  readonly what: string;
  readonly retryable?: boolean;
  readonly applied?: Applied;
  /** The error is about the container, not the object. */
  readonly container?: true;
}

const CREDENTIALS: Meaning = {
  code: 'permission',
  what: 'the credentials are refused: check account name, key, token and clock',
};
const FORBIDDEN: Meaning = {
  code: 'permission',
  what: 'these credentials lack the right: see the permissions in the README of @fieldfile/azure',
};
const PROTECTED: Meaning = { code: 'permission', what: 'a retention policy or legal hold protects it' };
const NO_CONTAINER: Meaning = {
  code: 'not-found',
  what: 'it does not exist: create it, or check its name',
  container: true,
};
const NOT_FOUND: Meaning = { code: 'not-found', what: 'it does not exist' };
const EXISTS: Meaning = { code: 'exists', what: 'it already exists' };
const OTHER_VERSION: Meaning = {
  code: 'precondition',
  what: 'it is no longer the version that was asked for: ask for its info again',
};
const DAMAGED: Meaning = {
  code: 'integrity',
  what: 'the bytes that arrived are not those that were sent',
  retryable: true,
};
const THROTTLED: Meaning = { code: 'throttled', what: 'the account is busy', retryable: true };
const DISCARDED: Meaning = {
  code: 'conflict',
  what: 'another write of the same name discarded what was sent',
};
const LEASED: Meaning = { code: 'conflict', what: 'somebody holds a lease on it' };
const TOO_LARGE: Meaning = { code: 'too-large', what: 'it is larger than the account takes' };
const INVALID: Meaning = {
  code: 'invalid-argument',
  what: 'the service takes no such name, header or metadata',
};
const TIMED_OUT: Meaning = {
  code: 'timeout',
  what: 'the service did not answer in time',
  retryable: true,
  applied: 'unknown',
};
const NO_ANSWER: Meaning = {
  code: 'backend',
  what: 'the connection broke before the answer',
  retryable: true,
  applied: 'unknown',
};
const UNREACHABLE: Meaning = { code: 'backend', what: 'the service cannot be reached', retryable: true };

const NO_STORE: Meaning = {
  code: 'backend',
  what: 'what answered is not the service, but a proxy or a login page: check endpoint and the way there',
  applied: 'unknown',
};

/** By the service's own error codes. @see https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes */
const BY_ERROR_CODE: Readonly<Record<string, Meaning>> = {
  BlobNotFound: NOT_FOUND,
  ResourceNotFound: NOT_FOUND,
  ContainerNotFound: NO_CONTAINER,
  ContainerBeingDeleted: NO_CONTAINER,
  ContainerDisabled: NO_CONTAINER,
  BlobAlreadyExists: EXISTS,
  ConditionNotMet: OTHER_VERSION,
  TargetConditionNotMet: OTHER_VERSION,
  SourceConditionNotMet: OTHER_VERSION,
  AuthenticationFailed: CREDENTIALS,
  InvalidAuthenticationInfo: CREDENTIALS,
  NoAuthenticationInformation: CREDENTIALS,
  KeyBasedAuthenticationNotPermitted: {
    code: 'permission',
    what: 'the account takes no account keys: use tokenCredential',
  },
  AccountIsDisabled: { code: 'permission', what: 'the account is disabled' },
  AuthorizationFailure: FORBIDDEN,
  BlobImmutableDueToPolicy: PROTECTED,
  BlobImmutableDueToLegalHold: PROTECTED,
  Md5Mismatch: DAMAGED,
  Crc64Mismatch: DAMAGED,
  InvalidMd5: DAMAGED,
  ServerBusy: THROTTLED,
  OperationTimedOut: TIMED_OUT,
  InvalidBlockList: DISCARDED,
  InvalidBlobOrBlock: DISCARDED,
  LeaseIdMissing: LEASED,
  LeaseAlreadyPresent: LEASED,
  SnapshotsPresent: { code: 'conflict', what: 'it has snapshots, which are not deleted unasked' },
  BlobArchived: { code: 'unsupported', what: 'it is archived: rehydrate it first' },
  BlobBeingRehydrated: { code: 'unsupported', what: 'it is being rehydrated: wait for that' },
  RequestBodyTooLarge: TOO_LARGE,
  UnauthorizedBlobOverwrite: FORBIDDEN,
  PublicAccessNotPermitted: FORBIDDEN,
  InvalidMetadata: INVALID,
  MetadataTooLarge: INVALID,
  InvalidHeaderValue: INVALID,
  InvalidResourceName: INVALID,
  InvalidUri: INVALID,
  OutOfRangeInput: INVALID,
  APINotImplemented: { code: 'unsupported', what: 'this service has no such call' },
};

const BY_STATUS: Readonly<Record<number, Meaning>> = {
  401: CREDENTIALS,
  403: FORBIDDEN,
  404: NOT_FOUND,
  408: TIMED_OUT,
  412: OTHER_VERSION,
  413: TOO_LARGE,
  429: THROTTLED,
  501: { code: 'unsupported', what: 'this service has no such call' },
  503: THROTTLED,
  507: { code: 'no-space', what: 'the account is full' },
};

/** Calls after whose lost answer something may have changed. */
const CHANGING: ReadonlySet<string> = new Set(['create', 'copy', 'replace', 'undo', 'remove', 'removeMany']);

/** The one place where an error of the SDK becomes ours. Anything else, such as what a source threw, is handed back. */
export function toFieldFileError(error: unknown, context: ErrorContext): unknown {
  if (isFieldFileError(error)) return error;
  const meaning = meaningOf(error);
  if (!meaning) return error;
  const { code, what, retryable = false, applied = false, container } = meaning;
  const { operation, storage, name } = context;
  const subject = container
    ? `Container "${context.container}" of storage "${storage}"`
    : name === undefined
      ? `Storage "${storage}"`
      : `${JSON.stringify(name)} on storage "${storage}"`;
  const detail = isRestError(error) ? (errorCodeOf(error) ?? error.statusCode ?? error.code) : undefined;
  return new FieldFileError(
    code,
    `${subject}: ${what} (${[operation, detail].filter(Boolean).join(', ')}).`,
    {
      operation,
      storage,
      name,
      retryable,
      retryAfterSeconds: isRestError(error)
        ? retryAfterSeconds(error.response?.headers.get('retry-after'))
        : undefined,
      applied: CHANGING.has(operation) ? applied : false,
      cause: causeOf(error),
    },
  );
}

/** The SDK's error without its request, which holds the credentials and the body. */
function causeOf(error: unknown): unknown {
  if (!isRestError(error)) return error;
  const { message, statusCode, details } = error;
  const { requestId } = (details ?? {}) as { readonly requestId?: unknown };
  const code = errorCodeOf(error) ?? error.code;
  return Object.assign(new Error(message), { name: 'RestError', code, statusCode, requestId });
}

/** The same failure, with another verdict on whether it happened. What is not ours is handed back. */
export function withApplied(error: unknown, applied: Applied): unknown {
  if (!isFieldFileError(error) || error.applied === applied) return error;
  const { code, message, operation, storage, objectName: name, retryable, retryAfterSeconds, cause } = error;
  const known = { operation, storage, name, retryable, retryAfterSeconds };
  return new FieldFileError(code, message, { ...known, applied, cause });
}

/** Whether it is certain that the request changed nothing. */
export function isRefused(error: unknown): boolean {
  return isRestError(error) && meaningOf(error)?.applied !== 'unknown';
}

/** The service refused a conditional create since something has that name. */
export function isTaken(error: unknown): boolean {
  return isRestError(error) && meaningOf(error)?.code === 'exists';
}

/** Blocks that were to be committed are not there. */
export function isDiscarded(error: unknown): boolean {
  return isRestError(error) && meaningOf(error) === DISCARDED;
}

/** The service refused since another version, or none, is there. */
export function isOtherVersion(error: unknown): boolean {
  return isRestError(error) && meaningOf(error) === OTHER_VERSION;
}

/** There is no such object. A missing container is another matter. */
export function isAbsent(error: unknown): boolean {
  return isRestError(error) && meaningOf(error) === NOT_FOUND;
}

/** A range that begins at or behind the end. */
export function isOutOfRange(error: unknown): boolean {
  return isRestError(error) && error.statusCode === 416;
}

function meaningOf(error: unknown): Meaning | undefined {
  if (error instanceof TimedOut) return TIMED_OUT;
  if (error instanceof BrokenBody) return NO_ANSWER;
  if (error instanceof NotAStore) return NO_STORE;
  if (!isRestError(error)) return isCredentialError(error) ? CREDENTIALS : undefined;
  const { statusCode } = error;
  if (error.code === 'ERR_INVALID_CHAR') return INVALID;
  if (statusCode === undefined) return isUnreachable(error.code) ? UNREACHABLE : NO_ANSWER;
  const known = BY_ERROR_CODE[errorCodeOf(error) ?? ''] ?? BY_STATUS[statusCode];
  if (known) return known;
  // Each call has a status of its own for success.
  if (statusCode < 300) return NO_STORE;
  const what = `the service answered with status ${statusCode}`;
  if (statusCode >= 500) return { code: 'backend', what, retryable: true, applied: 'unknown' };
  return { code: 'backend', what };
}

/** An answer to HEAD has no body: there the code is in a header, which the SDK puts elsewhere. */
function errorCodeOf(error: RestError): string | undefined {
  const { errorCode } = (error.details ?? {}) as { readonly errorCode?: unknown };
  return typeof errorCode === 'string' ? errorCode : error.statusCode === undefined ? undefined : error.code;
}

/** What `@azure/identity` throws when it gets no token. */
function isCredentialError(error: unknown): boolean {
  return error instanceof Error && /^(Credential\w*|\w*Authentication\w*)Error$/.test(error.name);
}
