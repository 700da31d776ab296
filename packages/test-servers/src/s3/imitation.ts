import { claimedRegion } from './authenticate.ts';
import { S3Error } from './s3-error.ts';
import type { S3Request } from './s3-request.ts';

/** A write that may depend on a condition. */
export type ConditionalWrite = 'put' | 'complete' | 'copy' | 'delete';

/** Where a server shall fall short of the service, as others that speak its protocol do. */
export interface S3Imitation {
  /** Writes that happen whatever their conditions say. */
  readonly ignoresConditions?: readonly ConditionalWrite[];
  /** PutObject knows an etag only without the quotes it was told with, as Ceph's does. */
  readonly knowsBareEtagsOnly?: boolean;
  /** Answers 501 to a request that has, or asks for, a checksum of the newer kind. */
  readonly refusesChecksums?: boolean;
  /** Answers 400 to a DeleteObjects without Content-MD5, as before there were other checksums. */
  readonly requiresContentMd5?: boolean;
  /** Answers 301 to a request that is signed for another region than the server's, and names it, as the service does. */
  readonly redirectsRegions?: boolean;
  /** Answers 400 to a request that is signed with a session token, as if that had expired. */
  readonly refusesTokens?: boolean;
  /** Answers 405 to AbortMultipartUpload. */
  readonly refusesAborts?: boolean;
  /** Its clock is ahead of this machine's by so much, or behind it. Default: 0. */
  readonly clockAheadSeconds?: number;
  /** Is no store at all: answers everything with 200 and a web page. */
  readonly answersPages?: boolean;
  /** Says of every page of a listing that it goes on, by the token that it was asked with. */
  readonly repeatsTokens?: boolean;
  /** Says that listed keys are encoded, as it was asked to, and lists them as they are. */
  readonly listsRawKeys?: boolean;
}

/** What the server takes for now, in milliseconds since 1970. */
export const clockOf = ({ clockAheadSeconds = 0 }: S3Imitation): number =>
  Date.now() + clockAheadSeconds * 1000;

/** The answer of what is no store. */
export const PAGE: {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
} = {
  status: 200,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: '<!doctype html><html lang="en"><head><title>Console</title></head><body><br>Sign in</body></html>',
};

/** All of them. */
export const EVERY_WRITE: readonly ConditionalWrite[] = ['put', 'complete', 'copy', 'delete'];

/**
 * The request as such a server reads it.
 *
 * @throws `NotImplemented`, `InvalidRequest`, `MethodNotAllowed` where it refuses it.
 */
export function imitate(request: S3Request, imitation: S3Imitation): S3Request {
  const { headers, method, query } = request;
  if (imitation.refusesChecksums && [...headers.keys(), ...query.keys()].some(isOfChecksum))
    throw new S3Error(
      'NotImplemented',
      'A header you provided implies functionality that is not implemented',
    );
  if (imitation.requiresContentMd5 && isBulkDelete(request) && !headers.has('content-md5'))
    throw new S3Error('InvalidRequest', 'Missing required header for this request: Content-MD5');
  if (imitation.refusesAborts && method === 'DELETE' && query.has('uploadId'))
    throw new S3Error('MethodNotAllowed', 'The specified method is not allowed against this resource.');
  const write = conditionalWrite(request);
  if (write === undefined) return request;
  if (imitation.ignoresConditions?.includes(write))
    return { ...request, headers: new Map([...headers].filter(([name]) => !CONDITIONS.has(name))) };
  const ifMatch = headers.get('if-match');
  if (write !== 'put' || !imitation.knowsBareEtagsOnly || !ifMatch?.includes('"')) return request;
  return { ...request, headers: new Map([...headers, ['if-match', 'no etag of any object']]) };
}

/** @throws `ExpiredToken` to a request that is signed with a session token. */
export function refuseToken({ headers }: S3Request, { refusesTokens }: S3Imitation): void {
  if (refusesTokens && headers.has('x-amz-security-token'))
    throw new S3Error('ExpiredToken', 'The provided token has expired.');
}

/** @throws `PermanentRedirect` to a request that belongs in another region. */
export function redirect(request: S3Request, region: string, { redirectsRegions }: S3Imitation): void {
  const asked = redirectsRegions ? claimedRegion(request) : undefined;
  if (asked === undefined || asked === region) return;
  throw new S3Error(
    'PermanentRedirect',
    'The bucket you are attempting to access must be addressed using the specified endpoint.',
    { Bucket: request.bucketName ?? '' },
    { 'x-amz-bucket-region': region },
  );
}

const CONDITIONS: ReadonlySet<string> = new Set(['if-match', 'if-none-match', 'x-amz-copy-source-if-match']);

const isOfChecksum = (name: string): boolean =>
  /^x-amz-(?:checksum-|sdk-checksum-|trailer$)/.test(name.toLowerCase());

const isBulkDelete = ({ method, query }: S3Request): boolean => method === 'POST' && query.has('delete');

function conditionalWrite({ method, key, query, headers }: S3Request): ConditionalWrite | undefined {
  if (key === undefined) return undefined;
  if (query.has('uploadId')) return method === 'POST' ? 'complete' : undefined;
  if (method === 'DELETE') return 'delete';
  if (method !== 'PUT') return undefined;
  return headers.has('x-amz-copy-source') ? 'copy' : 'put';
}
