import { createHash, createHmac } from 'node:crypto';

/** An access key, and the region its signatures must name. */
export interface Account {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
}

/** What a Signature Version 4 covers. */
export interface SignedRequest {
  readonly method: string;
  /** Decoded: `/bucket/key`. */
  readonly path: string;
  readonly query: ReadonlyMap<string, string>;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  readonly signedHeaders: readonly string[];
  readonly payloadHash: string;
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
export function canonicalRequest(request: SignedRequest): string {
  const query = [...request.query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${uriEncode(name)}=${uriEncode(value)}`)
    .sort();
  const headers = request.signedHeaders.map(
    name => `${name}:${(request.headers.get(name) ?? '').trim().replace(/ +/g, ' ')}\n`,
  );
  return [
    request.method,
    uriEncodePath(request.path),
    query.join('&'),
    headers.join(''),
    request.signedHeaders.join(';'),
    request.payloadHash,
  ].join('\n');
}

/** @param timestamp `20260102T030405Z` */
export function stringToSign(timestamp: string, scope: string, canonical: string): string {
  return ['AWS4-HMAC-SHA256', timestamp, scope, sha256(canonical)].join('\n');
}

/** @param date `20260102` */
export function signingKey(account: Account, date: string): Buffer {
  return [date, account.region, 's3', 'aws4_request'].reduce<Buffer>(
    (key, part) => createHmac('sha256', key).update(part).digest(),
    Buffer.from(`AWS4${account.secretAccessKey}`),
  );
}

/** Lower-case hexadecimal HMAC-SHA256. */
export function sign(key: Buffer, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}

/** Lower-case hexadecimal SHA-256. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Percent-encodes everything but unreserved characters (RFC 3986). */
function uriEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** As {@link uriEncode}, keeping slashes. */
export function uriEncodePath(text: string): string {
  return uriEncode(text).replaceAll('%2F', '/');
}
