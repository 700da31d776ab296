import { createHash } from 'node:crypto';
import type { Exchange } from './exchange.ts';
import { forbidden, GcsError, invalid } from './gcs-error.ts';
import { decodeSegment } from './object-name.ts';
import type { ServiceAccount } from './service-account.ts';

const SEVEN_DAYS_SECONDS = 7 * 24 * 60 * 60;
const CLOCK_SKEW_MILLISECONDS = 15 * 60 * 1000;
const ALGORITHM = 'GOOG4-RSA-SHA256';

/** Who signed, when, and for which scope: the same three fields in a signed URL and in a POST policy. */
export interface SigningClaims {
  readonly algorithm: string | null | undefined;
  readonly credential: string | null | undefined;
  readonly date: string | null | undefined;
}

/**
 * Throws unless the request is exactly what a V4 signed URL permits, now.
 *
 * @see https://cloud.google.com/storage/docs/authentication/canonical-requests
 */
export function verifySignedUrl(exchange: Exchange, account: ServiceAccount): void {
  const { query } = exchange;
  const { email, scope, date, time } = readClaims({
    algorithm: query.get('X-Goog-Algorithm'),
    credential: query.get('X-Goog-Credential'),
    date: query.get('X-Goog-Date'),
  });
  const signedHeaders = query.get('X-Goog-SignedHeaders') ?? '';
  const names = signedHeaders.split(';');
  refuseUnsignedHeaders(exchange, names);
  const canonicalPath = `/${exchange.path.slice(1).split('/').map(decodeSegment).map(encode).join('/')}`;
  const payload = exchange.header('x-goog-content-sha256') ?? 'UNSIGNED-PAYLOAD';
  const texts = hosts(exchange).map(host => {
    const headers = names
      .map(name => `${name}:${name === 'host' ? host : canonicalValue(exchange, name)}\n`)
      .join('');
    const request = [
      exchange.method,
      canonicalPath,
      canonicalQuery(query),
      headers,
      signedHeaders,
      payload,
    ].join('\n');
    return [ALGORITHM, date, scope, createHash('sha256').update(request).digest('hex')].join('\n');
  });
  account.verify(email, texts, query.get('X-Goog-Signature') ?? '');
  verifyTime(time, query.get('X-Goog-Expires') ?? '');
}

/** @throws 400 when the claims are not those of a V4 signature for this service. */
export function readClaims({ algorithm, credential, date }: SigningClaims): {
  readonly email: string;
  readonly scope: string;
  readonly date: string;
  /** Milliseconds since 1970. */
  readonly time: number;
} {
  const [, email, scope, day] =
    credential?.match(/^([^/]+)\/((\d{8})\/[^/]+\/storage\/goog4_request)$/) ?? [];
  const [, year, month, dayOfMonth, hour, minute, second] =
    date?.match(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/) ?? [];
  const time = Date.parse(`${year}-${month}-${dayOfMonth}T${hour}:${minute}:${second}Z`);
  if (
    algorithm !== ALGORITHM ||
    !email ||
    !scope ||
    !date ||
    Number.isNaN(time) ||
    !date.startsWith(`${day}T`)
  ) {
    throw invalid(
      'The algorithm, credential or date of the signature is missing or malformed.',
      'AuthenticationQueryParametersError',
    );
  }
  return { email, scope, date, time };
}

function verifyTime(signed: number, expires: string): void {
  const seconds = Number(expires);
  if (!/^\d+$/.test(expires) || seconds > SEVEN_DAYS_SECONDS) {
    throw invalid(`X-Goog-Expires must be between 0 and ${SEVEN_DAYS_SECONDS} seconds; it is '${expires}'.`);
  }
  const now = Date.now();
  if (signed > now + CLOCK_SKEW_MILLISECONDS)
    throw forbidden('The signature is not valid yet.', 'RequestTimeTooSkewed');
  if (now > signed + seconds * 1000) {
    throw new GcsError({
      status: 400,
      reason: 'expired',
      code: 'ExpiredToken',
      message: 'The provided token has expired.',
      details: `Request signature expired at: ${new Date(signed + seconds * 1000).toISOString()}`,
    });
  }
}

function refuseUnsignedHeaders(exchange: Exchange, names: readonly string[]): void {
  const missing = names.find(name => exchange.header(name) === undefined);
  const unsigned = Object.keys(exchange.request.headers).find(
    name => name.startsWith('x-goog-') && !names.includes(name),
  );
  if (!names.includes('host')) throw malformedHeader('host', 'is not among the signed headers');
  if (missing !== undefined)
    throw malformedHeader(missing, 'was included in the signed headers but not in the request');
  if (unsigned !== undefined)
    throw malformedHeader(unsigned, 'was included in the request but not in the signed headers');
}

function malformedHeader(name: string, fault: string): GcsError {
  return new GcsError({
    status: 400,
    reason: 'invalid',
    code: 'MalformedSecurityHeader',
    message: 'Your request has a malformed header.',
    details: `Header '${name}' ${fault}.`,
  });
}

// The official SDK for Node signs the host without its port, others with it.
function hosts(exchange: Exchange): string[] {
  const host = exchange.header('host') ?? '';
  return [host, host.replace(/:\d+$/, '')];
}

function canonicalQuery(query: URLSearchParams): string {
  return [...query]
    .filter(([name]) => name !== 'X-Goog-Signature')
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a, x], [b, y]) => (a < b || (a === b && x < y) ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function canonicalValue(exchange: Exchange, name: string): string {
  const latin1 = exchange.header(name) ?? '';
  return Buffer.from(latin1, 'latin1')
    .toString('utf8')
    .trim()
    .replace(/\s{2,}/g, ' ');
}

// RFC 3986: encodeURIComponent leaves these five.
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    one => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
