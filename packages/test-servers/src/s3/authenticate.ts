import { S3Error } from './s3-error.ts';
import type { S3Request } from './s3-request.ts';
import { type Account, canonicalRequest, sign, signingKey, stringToSign } from './signature.ts';

/** A request whose signature was verified. */
export interface Authentication {
  readonly signingKey: Buffer;
  readonly scope: string;
  /** `20260102T030405Z` */
  readonly timestamp: string;
  /** Of the request: the first link of a chain of signed chunks. */
  readonly signature: string;
  /** `UNSIGNED-PAYLOAD`, a SHA-256 in hexadecimal, or one of the `STREAMING-` kinds. */
  readonly payloadHash: string;
}

const MAXIMUM_SKEW_MILLISECONDS = 15 * 60 * 1000;
const MAXIMUM_EXPIRY_SECONDS = 7 * 24 * 60 * 60;

/**
 * Verifies the signature in the `Authorization` header or in the query of a presigned URL; undefined for an
 * anonymous request.
 *
 * @throws the 400 and 403 codes S3 answers with.
 */
export function authenticate(
  request: S3Request,
  account: Account,
  now: number = Date.now(),
): Authentication | undefined {
  if (request.headers.has('x-amz-security-token') || request.query.has('X-Amz-Security-Token'))
    throw new S3Error('InvalidToken', 'The provided token is malformed or otherwise invalid.');
  const authorization = request.headers.get('authorization');
  if (authorization !== undefined && request.query.has('X-Amz-Algorithm'))
    throw new S3Error('InvalidArgument', 'Only one auth mechanism allowed', {
      ArgumentName: 'Authorization',
      ArgumentValue: authorization,
    });
  if (request.query.has('X-Amz-Algorithm')) return authenticateQuery(request, account, now);
  return authorization === undefined ? undefined : authenticateHeader(request, account, authorization, now);
}

/** Whom a request says it comes from. */
export const claimedAccessKeyId = (request: S3Request): string | undefined =>
  claimedCredential(request)?.split('/')[0];

/** For which region a request is signed. */
export const claimedRegion = (request: S3Request): string | undefined =>
  claimedCredential(request)?.split('/')[2];

const claimedCredential = ({ query, headers }: S3Request): string | undefined =>
  query.get('X-Amz-Credential') ?? /Credential=([^,\s]+)/.exec(headers.get('authorization') ?? '')?.[1];

function authenticateHeader(
  request: S3Request,
  account: Account,
  authorization: string,
  now: number,
): Authentication {
  const fields =
    /^AWS4-HMAC-SHA256\s+Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=(\w+)$/.exec(
      authorization,
    );
  const [, credential, names, signature] = fields ?? [];
  if (credential === undefined || names === undefined || signature === undefined)
    throw new S3Error('AuthorizationHeaderMalformed', 'The authorization header is malformed.');
  const timestamp = request.headers.get('x-amz-date');
  const instant = parseTimestamp(timestamp);
  if (timestamp === undefined || instant === undefined)
    throw new S3Error('AccessDenied', 'AWS authentication requires a valid Date or x-amz-date header');
  const payloadHash = request.headers.get('x-amz-content-sha256');
  if (payloadHash === undefined)
    throw new S3Error('InvalidRequest', 'Missing required header for this request: x-amz-content-sha256');
  const scope = readScope(credential, timestamp, account, 'AuthorizationHeaderMalformed');
  if (Math.abs(now - instant) > MAXIMUM_SKEW_MILLISECONDS)
    throw new S3Error(
      'RequestTimeTooSkewed',
      'The difference between the request time and the current time is too large.',
      {
        RequestTime: timestamp,
        ServerTime: new Date(now).toISOString(),
        MaxAllowedSkewMilliseconds: String(MAXIMUM_SKEW_MILLISECONDS),
      },
    );
  return verify(request, account, { signature, timestamp, scope, names, payloadHash });
}

function authenticateQuery(request: S3Request, account: Account, now: number): Authentication {
  const parameter = (name: string): string => {
    const value = request.query.get(name);
    if (value === undefined)
      throw new S3Error(
        'AuthorizationQueryParametersError',
        'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
      );
    return value;
  };
  if (parameter('X-Amz-Algorithm') !== 'AWS4-HMAC-SHA256')
    throw new S3Error(
      'AuthorizationQueryParametersError',
      'X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"',
    );
  const timestamp = parameter('X-Amz-Date');
  const instant = parseTimestamp(timestamp);
  if (instant === undefined)
    throw new S3Error(
      'AuthorizationQueryParametersError',
      "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"",
    );
  const expires = parameter('X-Amz-Expires');
  if (!/^\d+$/.test(expires) || Number(expires) > MAXIMUM_EXPIRY_SECONDS)
    throw new S3Error(
      'AuthorizationQueryParametersError',
      `X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than ${MAXIMUM_EXPIRY_SECONDS} seconds`,
    );
  const scope = readScope(
    parameter('X-Amz-Credential'),
    timestamp,
    account,
    'AuthorizationQueryParametersError',
  );
  if (instant - now > MAXIMUM_SKEW_MILLISECONDS)
    throw new S3Error('AccessDenied', 'Request is not yet valid');
  const expiry = instant + Number(expires) * 1000;
  if (now > expiry)
    throw new S3Error('AccessDenied', 'Request has expired', {
      'X-Amz-Expires': expires,
      Expires: new Date(expiry).toISOString(),
      ServerTime: new Date(now).toISOString(),
    });
  return verify(request, account, {
    signature: parameter('X-Amz-Signature'),
    timestamp,
    scope,
    names: parameter('X-Amz-SignedHeaders'),
    payloadHash:
      request.query.get('X-Amz-Content-Sha256') ??
      request.headers.get('x-amz-content-sha256') ??
      'UNSIGNED-PAYLOAD',
  });
}

interface Claim {
  readonly signature: string;
  readonly timestamp: string;
  readonly scope: string;
  /** Joined by semicolons. */
  readonly names: string;
  readonly payloadHash: string;
}

function verify(request: S3Request, account: Account, claim: Claim): Authentication {
  const signedHeaders = claim.names.split(';');
  const unsigned = [...request.headers.keys()].filter(
    name =>
      (name === 'host' || (name.startsWith('x-amz-') && name !== 'x-amz-content-sha256')) &&
      !signedHeaders.includes(name),
  );
  if (unsigned.length > 0)
    throw new S3Error('AccessDenied', 'There were headers present in the request which were not signed', {
      HeadersNotSigned: unsigned.join(', '),
    });
  const canonical = canonicalRequest({ ...request, signedHeaders, payloadHash: claim.payloadHash });
  const text = stringToSign(claim.timestamp, claim.scope, canonical);
  const key = signingKey(account, claim.timestamp.slice(0, 8));
  if (sign(key, text) !== claim.signature)
    throw signatureDoesNotMatch({ StringToSign: text, CanonicalRequest: canonical });
  return {
    signingKey: key,
    scope: claim.scope,
    timestamp: claim.timestamp,
    signature: claim.signature,
    payloadHash: claim.payloadHash,
  };
}

/** The error of every signature that differs, with what the server computed it over. */
export function signatureDoesNotMatch(details: Readonly<Record<string, string>> = {}): S3Error {
  return new S3Error(
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    details,
  );
}

/** Checks `key/date/region/s3/aws4_request` and returns what follows the key. */
export function readScope(
  credential: string,
  timestamp: string,
  account: Account,
  malformed: 'AuthorizationHeaderMalformed' | 'AuthorizationQueryParametersError' | 'InvalidArgument',
): string {
  const [accessKeyId, date, region, service, terminator] = credential.split('/');
  if (accessKeyId !== account.accessKeyId)
    throw new S3Error(
      'InvalidAccessKeyId',
      'The AWS Access Key Id you provided does not exist in our records.',
      {
        AWSAccessKeyId: accessKeyId ?? '',
      },
    );
  if (region !== account.region)
    throw new S3Error(malformed, `the region '${region}' is wrong; expecting '${account.region}'`, {
      Region: account.region,
    });
  if (date !== timestamp.slice(0, 8) || service !== 's3' || terminator !== 'aws4_request')
    throw new S3Error(malformed, `Invalid credential scope in "${credential}"`);
  return [date, region, service, terminator].join('/');
}

/** Milliseconds since 1970 of `20260102T030405Z`. */
function parseTimestamp(timestamp: string | undefined): number | undefined {
  const fields = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(timestamp ?? '');
  if (fields === null) return undefined;
  const [, year, month, day, hour, minute, second] = fields;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
