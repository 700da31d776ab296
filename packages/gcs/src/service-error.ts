import type { IncomingHttpHeaders } from 'node:http';
import { retryAfterSeconds } from '@fieldfile/storage/backend';

/** An answer of the service that is no success. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly status: number;
  /** `notFound`, `conditionNotMet`, `rateLimitExceeded`, …; of the XML API its own codes: `NoSuchKey`. */
  readonly reason: string;
  /** How long the service asks to wait. */
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, reason: string, message: string, retryAfter?: string) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.retryAfterSeconds = retryAfterSeconds(retryAfter);
  }

  /** Reads the JSON API's form of an error, the XML API's, or plain text. */
  static of(status: number, headers: IncomingHttpHeaders, body: string): ServiceError {
    const text = body.slice(0, 1000);
    const retryAfter = headers['retry-after'];
    if (headers['content-type']?.includes('xml')) {
      const element = (name: string): string | undefined => body.match(`<${name}>([^<]*)</${name}>`)?.[1];
      return new ServiceError(
        status,
        element('Code') ?? '',
        element('Details') ?? element('Message') ?? text,
        retryAfter,
      );
    }
    try {
      const { error } = JSON.parse(body);
      const reason = String(error.errors?.[0]?.reason ?? '');
      return new ServiceError(status, reason, String(error.message), retryAfter);
    } catch {
      return new ServiceError(status, '', text || `status ${status}`, retryAfter);
    }
  }
}

/** An answer of success that the service never gives: a proxy or a login page answered. */
export class NotAStoreError extends Error {
  override readonly name = 'NotAStoreError';
}

/** No answer, or not the whole of it. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  /** Whether the service may have got the request. */
  readonly sent: boolean;
  readonly timedOut: boolean;

  constructor(
    message: string,
    { sent, timedOut = false, cause }: { sent: boolean; timedOut?: boolean; cause?: unknown },
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.sent = sent;
    this.timedOut = timedOut;
  }
}

/** No credentials were found, or they were not accepted where tokens are made. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError';

  constructor(cause: unknown) {
    // Not as its cause: the error of the auth library holds the request with the signed assertion.
    super(cause instanceof Error ? cause.message : 'no token');
  }
}

/** The reservation is gone: somebody undid the write, or put an object in its place. */
export class UndoneError extends Error {
  override readonly name = 'UndoneError';
}

/** A replacement failed, for that cause, before the request that replaces: the object is as it was. */
export class UnchangedError extends Error {
  override readonly name = 'UnchangedError';

  constructor(cause: unknown) {
    super('Nothing was replaced.', { cause });
  }
}

/** A write failed, and so did taking back what it left. */
export class UnresolvedError extends AggregateError {
  override readonly name = 'UnresolvedError';

  constructor(writing: unknown, undoing: unknown) {
    super([writing, undoing], 'What the write left could not be taken back.');
  }
}
