import type { IncomingHttpHeaders } from 'node:http';

/** An answer of the service that is no success. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly status: number;
  /** `notFound`, `conditionNotMet`, `rateLimitExceeded`, …; of the XML API its own codes: `NoSuchKey`. */
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }

  /** Reads the JSON API's form of an error, the XML API's, or plain text. */
  static of(status: number, headers: IncomingHttpHeaders, body: string): ServiceError {
    const text = body.slice(0, 1000);
    if (headers['content-type']?.includes('xml')) {
      const element = (name: string): string | undefined => body.match(`<${name}>([^<]*)</${name}>`)?.[1];
      return new ServiceError(
        status,
        element('Code') ?? '',
        element('Details') ?? element('Message') ?? text,
      );
    }
    try {
      const { error } = JSON.parse(body);
      return new ServiceError(status, String(error.errors?.[0]?.reason ?? ''), String(error.message));
    } catch {
      return new ServiceError(status, '', text || `status ${status}`);
    }
  }
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

/** A write failed, and so did taking back what it left. */
export class UnresolvedError extends AggregateError {
  override readonly name = 'UnresolvedError';

  constructor(writing: unknown, undoing: unknown) {
    super([writing, undoing], 'What the write left could not be taken back.');
  }
}
