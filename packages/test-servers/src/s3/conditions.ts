import type { KeyWatch, StoredObject } from './bucket.ts';
import { S3Error } from './s3-error.ts';

/**
 * Decides a write's `If-None-Match: *` or `If-Match`, at the moment the write is about to happen.
 *
 * @param watch of the key, since the request began
 * @throws `PreconditionFailed`; `NoSuchKey` for an `If-Match` without an object; `ConditionalRequestConflict` where the
 * key was deleted meanwhile.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export function checkWrite(
  headers: ReadonlyMap<string, string>,
  current: StoredObject | undefined,
  watch: KeyWatch,
): void {
  const ifNoneMatch = headers.get('if-none-match');
  const ifMatch = headers.get('if-match');
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*')
    throw new S3Error(
      'NotImplemented',
      'A header you provided implies functionality that is not implemented',
      { Header: 'If-None-Match' },
    );
  if (ifNoneMatch !== undefined && current !== undefined) throw preconditionFailed('If-None-Match');
  if (ifMatch !== undefined && current !== undefined && !etagMatches(ifMatch, current.etag))
    throw preconditionFailed('If-Match');
  if ((ifNoneMatch !== undefined || ifMatch !== undefined) && watch.deleted)
    throw new S3Error(
      'ConditionalRequestConflict',
      'The conditional request cannot succeed due to a conflicting operation against this resource.',
      { Condition: ifMatch === undefined ? 'If-None-Match' : 'If-Match' },
    );
  if (ifMatch !== undefined && current === undefined)
    throw new S3Error('NoSuchKey', 'The specified key does not exist.');
}

/**
 * Decides a DELETE's `If-Match`.
 *
 * @throws `PreconditionFailed`; `NoSuchKey` for an etag without an object.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html
 */
export function checkDelete(ifMatch: string | undefined, current: StoredObject | undefined): void {
  if (ifMatch === undefined) return;
  if (current === undefined && ifMatch !== '*')
    throw new S3Error('NoSuchKey', 'The specified key does not exist.');
  if (current === undefined || !etagMatches(ifMatch, current.etag)) throw preconditionFailed('If-Match');
}

/** What the conditions of a read say: go on, or answer 304. */
export type ReadVerdict = 'modified' | 'not-modified';

/**
 * Decides the four conditions of a read in the order of RFC 9110, section 13.2.2.
 *
 * @param prefix `x-amz-copy-source-` for the source of a copy, where 304 becomes 412
 * @throws `PreconditionFailed`
 */
export function checkRead(
  headers: ReadonlyMap<string, string>,
  object: StoredObject,
  prefix: '' | 'x-amz-copy-source-' = '',
): ReadVerdict {
  const ifMatch = headers.get(`${prefix}if-match`);
  const ifNoneMatch = headers.get(`${prefix}if-none-match`);
  const modifiedSeconds = Math.floor(object.modified.getTime() / 1000);
  const modifiedAfter = (name: string): boolean | undefined => {
    const seconds = Date.parse(headers.get(`${prefix}${name}`) ?? '') / 1000;
    return Number.isNaN(seconds) ? undefined : modifiedSeconds > seconds;
  };
  if (ifMatch !== undefined && !etagMatches(ifMatch, object.etag)) throw preconditionFailed('If-Match');
  if (ifMatch === undefined && modifiedAfter('if-unmodified-since') === true)
    throw preconditionFailed('If-Unmodified-Since');
  const unchanged =
    ifNoneMatch === undefined
      ? modifiedAfter('if-modified-since') === false
      : etagMatches(ifNoneMatch, object.etag);
  if (unchanged && prefix !== '')
    throw preconditionFailed(ifNoneMatch === undefined ? 'If-Modified-Since' : 'If-None-Match');
  return unchanged ? 'not-modified' : 'modified';
}

/** Quotes are optional, as on the real service. */
function etagMatches(condition: string, etag: string): boolean {
  return condition
    .split(',')
    .map(candidate => candidate.trim().replace(/^"(.*)"$/, '$1'))
    .some(candidate => candidate === '*' || candidate === etag);
}

function preconditionFailed(condition: string): S3Error {
  return new S3Error('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', {
    Condition: condition,
  });
}
