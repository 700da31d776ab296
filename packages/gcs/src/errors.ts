import type { Applied } from '@fieldfile/storage';
import { type FailedCall, type Meaning, serviceFailure } from '@fieldfile/storage/backend';
import {
  ConnectionError,
  CredentialsError,
  NotAStoreError,
  ServiceError,
  UnchangedError,
  UndoneError,
  UnresolvedError,
} from './service-error.ts';

/** What was being done, for the message. */
export interface ErrorContext extends FailedCall {
  readonly bucket: string;
  /** Whether it would have changed something: then a lost answer leaves it open whether it did. */
  readonly writes: boolean;
}

/** The one place where a failure of the service or the way to it becomes ours. Anything else is handed back untouched. */
export function toFieldFileError(error: unknown, context: ErrorContext): unknown {
  if (error instanceof UnchangedError) return toFieldFileError(error.cause, { ...context, writes: false });
  const meaning = meaningOf(error, context);
  if (!meaning) return error;
  const { retryAfterSeconds = undefined } = error instanceof ServiceError ? error : {};
  return serviceFailure({ ...meaning, retryAfterSeconds }, context, error);
}

function meaningOf(error: unknown, context: ErrorContext): Meaning | undefined {
  const lost = context.writes ? 'unknown' : false;
  if (error instanceof ServiceError) return ofStatus(error, context, lost);
  if (error instanceof ConnectionError && error.message === 'ERR_INVALID_CHAR')
    return { code: 'invalid-argument', what: 'a header would have characters that no header can have' };
  if (error instanceof ConnectionError)
    return {
      code: error.timedOut ? 'timeout' : 'backend',
      what: error.sent
        ? `the connection was lost before the answer: ${error.message}`
        : `the service cannot be reached: ${error.message}`,
      retryable: true,
      applied: error.sent ? lost : false,
    };
  if (error instanceof NotAStoreError)
    return {
      code: 'backend',
      what: `what answered is not Google Cloud Storage, but a proxy or a login page: ${error.message}. Check apiEndpoint and the way there`,
      applied: lost,
    };
  if (error instanceof CredentialsError)
    return {
      code: 'permission',
      what: `no access token: ${error.message}. Give credentials, or a client that has them`,
    };
  if (error instanceof UndoneError)
    return { code: 'conflict', what: 'the write was undone or replaced while it was under way' };
  if (error instanceof UnresolvedError) {
    const [writing, undoing] = error.errors.map(one => meaningOf(one, context));
    const { code = 'backend', what = String(error.errors[0]) } = writing ?? {};
    return {
      code,
      what: `${what}, and what it left was not taken back: ${undoing?.what}`,
      applied: 'unknown',
    };
  }
  return undefined;
}

function ofStatus(error: ServiceError, { bucket }: ErrorContext, lost: Applied): Meaning | undefined {
  const { status, reason, message } = error;
  if (status === 429 || /rateLimitExceeded/i.test(reason))
    return { code: 'throttled', what: 'the service asks for fewer requests', retryable: true };
  if (status === 401) return { code: 'permission', what: `the credentials are not accepted: ${message}` };
  if (status === 403) return { code: 'permission', what: `the service refuses: ${message}` };
  if (isMissingBucket(error))
    return {
      code: 'not-found',
      what: `the bucket "${bucket}" does not exist: make it, or correct bucketName`,
    };
  if (status === 404) return { code: 'not-found', what: 'it does not exist' };
  if (status === 412)
    return {
      code: 'precondition',
      what: 'it is no longer the version that was asked for: ask for its info again',
    };
  if (status === 400 && /checksum|hash|crc32c|md5/i.test(message))
    return { code: 'integrity', what: 'the bytes were damaged on the way', retryable: true };
  if (status === 408) return { code: 'timeout', what: message, retryable: true, applied: lost };
  if (status === 413) return { code: 'too-large', what: message };
  if (status === 409)
    return {
      code: 'conflict',
      what: `another request changed it at the same moment: ${message}`,
      retryable: true,
    };
  if (status === 405 || status === 501) return { code: 'unsupported', what: message };
  if (status === 507) return { code: 'no-space', what: message };
  if (status >= 300 && status < 400)
    return { code: 'backend', what: `the service sends to another address (${status}): check apiEndpoint` };
  if (status === 410 || status === 499)
    return {
      code: 'conflict',
      what: 'the upload was cancelled while it was under way',
      retryable: true,
      applied: lost,
    };
  if (status === 503)
    return { code: 'throttled', what: `the service is busy: ${message}`, retryable: true, applied: lost };
  if (status >= 500) return { code: 'backend', what: `${status} ${message}`, retryable: true, applied: lost };
  if (status === 400) return { code: 'invalid-argument', what: message };
  return { code: 'backend', what: `${status} ${message}` };
}

/** Both are 404. Only the text tells them apart, or in the XML API the code. */
const isMissingBucket = ({ status, reason, message }: ServiceError): boolean =>
  status === 404 && (reason === 'NoSuchBucket' || /bucket does not exist/i.test(message));

export const isStatus = (error: unknown, status: number): error is ServiceError =>
  error instanceof ServiceError && error.status === status;

/** The object, not its bucket, is missing. */
export const isMissingObject = (error: unknown): boolean => isStatus(error, 404) && !isMissingBucket(error);
