import { type Applied, FieldFileError, isFieldFileError } from '@fieldfile/storage';
import {
  type FailedCall,
  isUnreachable,
  retryAfterSeconds,
  type Meaning as ServiceMeaning,
  serviceFailure,
} from '@fieldfile/storage/backend';

/** What was being done, for the message and for what a lost answer means. */
export interface ErrorContext extends FailedCall {
  readonly bucket: string;
  /** The request changes something: without an answer nobody knows whether it did. */
  readonly writes?: boolean | undefined;
}

interface Meaning extends Omit<ServiceMeaning, 'applied'> {
  /** It may have happened all the same. */
  readonly unanswered?: boolean;
}

const MISSING: Meaning = { code: 'not-found', what: 'it does not exist' };
const FORBIDDEN: Meaning = {
  code: 'permission',
  what: 'the service refuses: check the policies of user and bucket (without s3:ListBucket it also refuses to say that an object is not there)',
};
const CREDENTIALS: Meaning = {
  code: 'permission',
  what: 'the service does not accept the credentials: check access key, secret key and session token',
};
const SKEWED: Meaning = {
  code: 'permission',
  what: 'the clock of this machine is wrong by more than the service accepts',
  retryable: true,
};
const CHANGED: Meaning = {
  code: 'precondition',
  what: 'it is no longer the version that was asked for: ask for its info again',
};
const CONFLICT: Meaning = {
  code: 'conflict',
  what: 'another request changed it at the same moment',
  retryable: true,
};
const THROTTLED: Meaning = { code: 'throttled', what: 'too many requests', retryable: true };
const DAMAGED: Meaning = { code: 'integrity', what: 'the bytes did not arrive as they were sent' };
const FULL: Meaning = { code: 'no-space', what: 'the bucket or quota is full' };
const TIMEOUT: Meaning = {
  code: 'timeout',
  what: 'no answer came in time',
  retryable: true,
  unanswered: true,
};
const BROKEN: Meaning = {
  code: 'backend',
  what: 'the connection broke before the answer came',
  retryable: true,
  unanswered: true,
};
const UNREACHABLE: Meaning = { code: 'backend', what: 'the service cannot be reached', retryable: true };
const NO_STORE: Meaning = {
  code: 'backend',
  what: 'what answered is no S3 service, but a console, a proxy or a login page: check endpointUrl and the way there',
  unanswered: true,
};
const ARCHIVED: Meaning = {
  code: 'unsupported',
  what: 'it is archived, and is read once it is restored: ask for that with RestoreObject, and wait',
};
const TOO_LARGE: Meaning = { code: 'too-large', what: 'the service takes no object that large' };
/** A HEAD's answer, which has no body that says why. */
const REFUSED: Meaning = {
  code: 'backend',
  what: 'the service refuses the request and says no reason: the session token may have expired, or the bucket be in another region',
};
const CANNOT: Meaning = { code: 'unsupported', what: 'the service does not know such a request' };
const ELSEWHERE: Meaning = {
  code: 'backend',
  what: 'the service sends to another address: check endpointUrl and regionName',
};
const SERVER: Meaning = {
  code: 'backend',
  what: 'the service failed',
  retryable: true,
  unanswered: true,
};

/** By the service's error code or the system's. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  NoSuchKey: MISSING,
  NoSuchVersion: MISSING,
  NotAStore: NO_STORE,
  NoSuchUpload: { code: 'conflict', what: 'its upload was aborted meanwhile' },
  InvalidPart: { code: 'integrity', what: 'a part is not there as it was stored: send it again' },
  AccessDenied: FORBIDDEN,
  InvalidAccessKeyId: CREDENTIALS,
  SignatureDoesNotMatch: CREDENTIALS,
  ExpiredToken: CREDENTIALS,
  TokenRefreshRequired: CREDENTIALS,
  InvalidSecurity: CREDENTIALS,
  AccountProblem: FORBIDDEN,
  AllAccessDisabled: FORBIDDEN,
  InvalidToken: CREDENTIALS,
  CredentialsProviderError: {
    code: 'permission',
    what: 'no credentials were found: give accessKey and secretKey, or set up the SDK',
  },
  RequestTimeTooSkewed: SKEWED,
  PreconditionFailed: CHANGED,
  ConditionalRequestConflict: CONFLICT,
  OperationAborted: CONFLICT,
  SlowDown: THROTTLED,
  ServiceUnavailable: THROTTLED,
  ThrottlingException: THROTTLED,
  TooManyRequests: THROTTLED,
  // The service's own word for a body that stopped coming: it has not stored it.
  RequestTimeout: { code: 'timeout', what: 'the content stopped coming', retryable: true },
  EntityTooLarge: TOO_LARGE,
  InvalidObjectState: ARCHIVED,
  // The request was never made.
  ERR_INVALID_CHAR: {
    code: 'invalid-argument',
    what: 'a header would have characters that no header can have: check objectParameters and metadata',
  },
  KeyTooLongError: { code: 'name-too-long', what: 'the service takes no name that long' },
  MetadataTooLarge: { code: 'invalid-argument', what: 'metadata of one object may have 2048 bytes in all' },
  InvalidStorageClass: { code: 'invalid-argument', what: 'the service knows no such storage class' },
  InvalidTag: { code: 'invalid-argument', what: 'the service takes no such tag' },
  AccessControlListNotSupported: {
    code: 'invalid-argument',
    what: 'the bucket takes no ACLs: leave out visibility and objectParameters.ACL',
  },
  BadDigest: DAMAGED,
  IncompleteBody: DAMAGED,
  XAmzContentSHA256Mismatch: DAMAGED,
  NotImplemented: {
    code: 'unsupported',
    what: 'the service cannot do that: see the option conditionalWrites',
  },
  QuotaExceeded: FULL,
  XMinioStorageFull: FULL,
  TimeoutError: TIMEOUT,
  ETIMEDOUT: TIMEOUT,
  ECONNRESET: BROKEN,
  EPIPE: BROKEN,
  ECONNABORTED: BROKEN,
  ERR_STREAM_PREMATURE_CLOSE: BROKEN,
};

const BY_STATUS: Readonly<Record<number, Meaning>> = {
  301: ELSEWHERE,
  302: ELSEWHERE,
  307: ELSEWHERE,
  308: ELSEWHERE,
  401: CREDENTIALS,
  403: FORBIDDEN,
  404: MISSING,
  405: CANNOT,
  408: TIMEOUT,
  409: CONFLICT,
  412: CHANGED,
  413: TOO_LARGE,
  429: THROTTLED,
  501: CANNOT,
  503: THROTTLED,
  507: FULL,
};

/** What an error of the SDK looks like; none of it is sure. */
interface Thrown {
  readonly name?: string;
  readonly code?: string;
  readonly Code?: string;
  readonly message?: string;
  readonly Region?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly clockSkewCorrected?: boolean };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

/** An answer of success that no store gives. */
export class NotAStore extends Error {
  override readonly name = 'NotAStore';
}

/** The one place where an error of the SDK or of the network becomes ours. */
export function toFieldFileError(error: unknown, context: ErrorContext): FieldFileError {
  if (isFieldFileError(error)) return error;
  const thrown = (typeof error === 'object' && error !== null ? error : {}) as Thrown;
  const status = thrown.$metadata?.httpStatusCode;
  const told = thrown.Code ?? thrown.code ?? thrown.name ?? 'unknown';
  // A HEAD's answer has no body, so its status is all there is to tell.
  const word = /^(?:unknown|unknownerror)$/i.test(told) && status !== undefined ? `status ${status}` : told;
  if (word === 'NoSuchBucket') return missingBucket(context, error);
  const meaning =
    inAnotherRegion(thrown, status) ??
    skewed(thrown) ??
    MEANINGS[word] ??
    MEANINGS[thrown.name ?? ''] ??
    byStatus(status) ??
    unexpected(thrown, status);
  return failure(meaning, word, context, error);
}

/** The bucket itself is not there. */
export function missingBucket(context: ErrorContext, cause?: unknown): FieldFileError {
  return new FieldFileError(
    'not-found',
    `Bucket "${context.bucket}" of storage "${context.storage}" does not exist: create it, or check bucketName and region (${context.operation}).`,
    { operation: context.operation, storage: context.storage, cause: cleaned(cause) },
  );
}

/** No object of that name, where the service was not asked or answered something else. */
export function missingObject(context: ErrorContext): FieldFileError {
  return failure(MISSING, 'NoSuchKey', context, undefined);
}

export function otherVersion(context: ErrorContext, cause?: unknown): FieldFileError {
  return failure(CHANGED, 'PreconditionFailed', context, cause);
}

/** The name was taken from the write that held it. */
export function lostReservation(context: ErrorContext, cause: unknown): FieldFileError {
  return failure(
    { code: 'conflict', what: 'it was replaced or undone while it was written' },
    'PreconditionFailed',
    context,
    cause,
  );
}

export function aborted(signal: AbortSignal, context: ErrorContext): FieldFileError {
  const { operation, storage, name } = context;
  return new FieldFileError('aborted', `Aborted (${operation}).`, {
    operation,
    storage,
    name,
    applied: context.writes ? 'unknown' : false,
    cause: signal.reason,
  });
}

/** What the server cannot do for us, by its `conditionalWrites`. */
export function unsupported(what: string, { operation, storage, name }: ErrorContext): FieldFileError {
  return new FieldFileError('unsupported', `Storage "${storage}" ${what} (${operation}).`, {
    operation,
    storage,
    name,
  });
}

/** The same failure, with another verdict on whether it happened. */
export function withApplied(error: FieldFileError, applied: Applied, cause: unknown): FieldFileError {
  const { code, message, operation, storage, objectName: name, retryable, retryAfterSeconds } = error;
  const known = { operation, storage, name, retryable, retryAfterSeconds };
  return new FieldFileError(code, message, { ...known, applied, cause });
}

/** Of a write that failed and could not be taken back: by `applied: 'unknown'` it is undone by whoever wrote. */
export function notTakenBack(error: unknown, left: unknown): unknown {
  const told = isFieldFileError(error) ? error : left;
  if (!isFieldFileError(told)) return error;
  const cause = new AggregateError([error, left], 'What was written could not be taken back.');
  return withApplied(told, 'unknown', cause);
}

/** Where an answer says that the bucket is: nothing was done. */
function inAnotherRegion(thrown: Thrown, status: number | undefined): Meaning | undefined {
  const { Region, $response, Code, name } = thrown;
  const isRedirect = status === 301 || status === 307;
  const isOtherRegion = isRedirect || (Code ?? name) === 'AuthorizationHeaderMalformed';
  const region = $response?.headers?.['x-amz-bucket-region'] ?? Region;
  if (region === undefined || !(isOtherRegion || status === 400)) return undefined;
  return isOtherRegion || Region !== undefined
    ? {
        code: 'backend',
        what: `the bucket is in the region ${region}: set regionName, or a client with followRegionRedirects`,
      }
    : undefined;
}

/** The SDK has read the service's clock from the answer: signed by that, the next attempt is accepted. */
const skewed = ({ $metadata }: Thrown): Meaning | undefined =>
  $metadata?.clockSkewCorrected && [400, 403].includes($metadata.httpStatusCode ?? 0) ? SKEWED : undefined;

function byStatus(status: number | undefined): Meaning | undefined {
  if (status === undefined) return undefined;
  return BY_STATUS[status] ?? (status >= 500 ? SERVER : undefined);
}

function unexpected({ code, message = 'unknown error' }: Thrown, status: number | undefined): Meaning {
  if (isUnreachable(code)) return UNREACHABLE;
  if (status === 400 && /^unknown ?error$/i.test(message)) return REFUSED;
  // Answered by a refusal that has no meaning of its own: nothing happened.
  if (status !== undefined && status >= 300) return { code: 'backend', what: message };
  // The SDK could make nothing of it.
  if (status !== undefined) return NO_STORE;
  return message.includes('socket hang up') ? BROKEN : { code: 'backend', what: message, unanswered: true };
}

function failure(meaning: Meaning, word: string, context: ErrorContext, cause: unknown): FieldFileError {
  const { unanswered = false, ...rest } = meaning;
  const retryAfter = (cause as Thrown | undefined)?.$response?.headers?.['retry-after'];
  const more = {
    retryAfterSeconds: retryAfterSeconds(retryAfter),
    applied: unanswered && context.writes ? 'unknown' : false,
  } as const;
  return serviceFailure({ ...rest, ...more }, context, cleaned(cause), word);
}

/** What a refused signature was made of, which S3 sends back: of no use to whoever reads a log. */
const SIGNATURES = [
  'StringToSign',
  'StringToSignBytes',
  'CanonicalRequest',
  'CanonicalRequestBytes',
  'SignatureProvided',
  'AWSAccessKeyId',
];

function cleaned(error: unknown): unknown {
  if (typeof error === 'object' && error !== null)
    for (const property of SIGNATURES) Reflect.deleteProperty(error, property);
  return error;
}
