import { Readable } from 'node:stream';
import type { Bucket, StoredObject } from './bucket.ts';
import { checksumHeader } from './checksums.ts';
import { checkRead } from './conditions.ts';
import { readFiles } from './file-store.ts';
import { headerValue } from './object-headers.ts';
import { S3Error } from './s3-error.ts';
import type { S3Request } from './s3-request.ts';
import type { Reply } from './service.ts';

const OVERRIDES = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];

/**
 * The version a request names, or the current one.
 *
 * @throws `NoSuchKey`, `NoSuchVersion`, `MethodNotAllowed` for a delete marker named by its id.
 */
export function findObject(bucket: Bucket, key: string, versionId: string | undefined): StoredObject {
  const version =
    versionId === undefined
      ? bucket.newest(key)
      : bucket.versions.get(key)?.find(candidate => candidate.versionId === versionId);
  if (version?.files !== undefined) return version;
  if (version !== undefined && versionId !== undefined)
    throw new S3Error(
      'MethodNotAllowed',
      'The specified method is not allowed against this resource.',
      {},
      { 'x-amz-delete-marker': 'true' },
    );
  if (versionId !== undefined)
    throw new S3Error('NoSuchVersion', 'The specified version does not exist.', {
      Key: key,
      VersionId: versionId,
    });
  throw new S3Error(
    'NoSuchKey',
    'The specified key does not exist.',
    { Key: key },
    version === undefined ? {} : { 'x-amz-delete-marker': 'true', 'x-amz-version-id': version.versionId },
  );
}

/** GetObject and HeadObject */
export function getObject(request: S3Request, bucket: Bucket, key: string): Reply {
  const object = findObject(bucket, key, request.query.get('versionId'));
  const identity = {
    etag: `"${object.etag}"`,
    'last-modified': object.modified.toUTCString(),
    ...(bucket.versioning === undefined ? {} : { 'x-amz-version-id': object.versionId }),
  };
  if (checkRead(request.headers, object) === 'not-modified') return { status: 304, headers: identity };
  if (request.method === 'GET') refuseArchived(object);
  const range = readRange(request, object);
  const headers: Record<string, string> = {
    ...object.headers,
    ...overrides(request.query),
    ...identity,
    'accept-ranges': 'bytes',
    'content-length': String(range.end - range.start + 1),
  };
  if (object.tags.size > 0) headers['x-amz-tagging-count'] = String(object.tags.size);
  if (range.isPartial) headers['content-range'] = `bytes ${range.start}-${range.end}/${object.size}`;
  if (request.query.has('partNumber') && object.partSizes !== undefined)
    headers['x-amz-mp-parts-count'] = String(object.partSizes.length);
  // The checksum is that of the whole object: with a part of it, a client would compare the wrong bytes.
  if (request.headers.get('x-amz-checksum-mode') === 'ENABLED' && object.checksum && !range.isPartial) {
    headers[checksumHeader(object.checksum.algorithm)] = object.checksum.value;
    headers['x-amz-checksum-type'] = object.checksum.type;
  }
  const status = range.isPartial ? 206 : 200;
  if (request.method === 'HEAD') return { status, headers };
  return { status, headers, body: readObject(object, range.start, range.end) };
}

const ARCHIVES: readonly (string | undefined)[] = ['GLACIER', 'DEEP_ARCHIVE'];

/** @throws `InvalidObjectState` for an object whose bytes are not at hand; nothing is ever restored here. */
export function refuseArchived({ headers }: StoredObject): void {
  const storageClass = headers['x-amz-storage-class'];
  if (storageClass !== undefined && ARCHIVES.includes(storageClass))
    throw new S3Error('InvalidObjectState', "The operation is not valid for the object's storage class", {
      StorageClass: storageClass,
    });
}

/** Bytes of an object, `start` to `end` included, whatever happens to the object until the stream is closed. */
export function readObject(object: StoredObject, start: number, end: number): Readable {
  const files = object.files.map(file => file.retain());
  const stream = Readable.from(readFiles(files, start, end), { objectMode: false });
  return stream.once('close', () => {
    for (const file of files) file.release();
  });
}

interface ByteRange {
  readonly start: number;
  /** Included. */
  readonly end: number;
  readonly isPartial: boolean;
}

function readRange(request: S3Request, object: StoredObject): ByteRange {
  const whole = { start: 0, end: object.size - 1, isPartial: false };
  const partNumber = request.query.get('partNumber');
  if (partNumber !== undefined) return partRange(Number(partNumber), object);
  const range = request.headers.get('range');
  return range === undefined ? whole : (parseRange(range, object.size) ?? whole);
}

function partRange(partNumber: number, object: StoredObject): ByteRange {
  const sizes = object.partSizes ?? [object.size];
  const size = sizes[partNumber - 1];
  if (size === undefined)
    throw new S3Error('InvalidPartNumber', 'The requested partnumber is not satisfiable');
  const start = sizes.slice(0, partNumber - 1).reduce((sum, before) => sum + before, 0);
  return { start, end: start + size - 1, isPartial: true };
}

/**
 * Reads a `Range` header; undefined for one that is to be ignored (another unit, several ranges, nonsense).
 *
 * @throws `InvalidRange` when no byte of the object is in it.
 */
function parseRange(range: string, size: number): ByteRange | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? [];
  if (first === '' && last === '') return undefined;
  if (first !== '' && last !== '' && Number(first) > Number(last)) return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (start > end || start >= size)
    throw new S3Error(
      'InvalidRange',
      'The requested range is not satisfiable',
      { RangeRequested: range, ActualObjectSize: String(size) },
      { 'content-range': `bytes */${size}` },
    );
  return { start, end, isPartial: true };
}

function overrides(query: ReadonlyMap<string, string>): Record<string, string> {
  const given: Record<string, string> = {};
  for (const name of OVERRIDES) {
    const value = query.get(`response-${name}`);
    if (value !== undefined) given[name] = headerValue(`response-${name}`, value);
  }
  return given;
}
