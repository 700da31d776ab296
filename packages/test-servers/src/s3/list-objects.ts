import type { Bucket, StoredObject } from './bucket.ts';
import { keyAfterMarker, type ListingPage, listPage } from './listing.ts';
import { S3Error } from './s3-error.ts';
import { integerParameter, type Reply, type S3Call, xmlReply } from './service.ts';
import { uriEncodePath } from './signature.ts';
import { element, type XmlFragment, xmlDocument } from './xml.ts';

/** ListObjects, the first version */
export function listObjectsV1({ request }: S3Call, bucket: Bucket): Reply {
  const query = readListing(request.query);
  const marker = request.query.get('marker') ?? '';
  const page = pageFrom(bucket, query, keyAfterMarker(bucket.versions, marker, query));
  return xmlReply(
    xmlDocument(
      'ListBucketResult',
      ...heading(bucket, query, page),
      element('Marker', query.encode(marker)),
      ...(page.isTruncated && page.last !== undefined && query.delimiter !== ''
        ? [element('NextMarker', query.encode(page.last))]
        : []),
      ...contents(page, query, true),
    ),
  );
}

/** ListObjectsV2 */
export function listObjectsV2({ request, service: { imitation } }: S3Call, bucket: Bucket): Reply {
  const read = readListing(request.query);
  const query = imitation.listsRawKeys ? { ...read, encode: (key: string) => key } : read;
  const token = request.query.get('continuation-token');
  const startAfter = request.query.get('start-after');
  const marker = token === undefined ? (startAfter ?? '') : readToken(token);
  // A token stands for all of its common prefix; `StartAfter` is a place within it.
  const skips = token === undefined ? { ...query, delimiter: '' } : query;
  const found = pageFrom(bucket, query, keyAfterMarker(bucket.versions, marker, skips));
  const repeated = imitation.repeatsTokens ? token : undefined;
  const page = repeated === undefined ? found : { ...found, isTruncated: true };
  const last = page.isTruncated && page.last !== undefined ? tokenOf(page.last) : undefined;
  const next = repeated ?? last;
  return xmlReply(
    xmlDocument(
      'ListBucketResult',
      ...heading(bucket, query, page),
      element('KeyCount', page.items.length + page.prefixes.length),
      ...(token === undefined ? [] : [element('ContinuationToken', token)]),
      ...(startAfter === undefined ? [] : [element('StartAfter', query.encode(startAfter))]),
      ...(next === undefined ? [] : [element('NextContinuationToken', next)]),
      ...contents(page, query, request.query.get('fetch-owner') === 'true'),
    ),
  );
}

/** The parameters that all listings share. */
export interface Listing {
  readonly prefix: string;
  readonly delimiter: string;
  readonly maximum: number;
  readonly encodes: boolean;
  /** Writes a key as the client asked for it. */
  readonly encode: (key: string) => string;
}

/** @throws `InvalidArgument` */
export function readListing(query: ReadonlyMap<string, string>, maximumName = 'max-keys'): Listing {
  const encoding = query.get('encoding-type') ?? '';
  if (encoding !== '' && encoding !== 'url')
    throw new S3Error('InvalidArgument', 'Invalid Encoding Method specified in Request', {
      ArgumentName: 'encoding-type',
      ArgumentValue: encoding,
    });
  const encodes = encoding === 'url';
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    maximum: integerParameter(query, maximumName, 1000, 1000),
    encodes,
    encode: key => (encodes ? uriEncodePath(key).replaceAll('%20', '+') : key),
  };
}

/** `<CommonPrefixes>` of a page. */
export function commonPrefixes(prefixes: readonly string[], query: Listing): readonly XmlFragment[] {
  return prefixes.map(prefix => element('CommonPrefixes', element('Prefix', query.encode(prefix))));
}

function pageFrom(bucket: Bucket, query: Listing, from: string | undefined): ListingPage<StoredObject> {
  return listPage(bucket.versions, ([newest]) => (newest?.files === undefined ? [] : [newest]), {
    ...query,
    from,
  });
}

const tokenOf = (key: string): string => Buffer.from(`1${key}`).toString('base64');

function readToken(token: string): string {
  const text = Buffer.from(token, 'base64').toString('utf8');
  if (!text.startsWith('1'))
    throw new S3Error('InvalidArgument', 'The continuation token provided is incorrect', {
      ArgumentName: 'continuation-token',
    });
  return text.slice(1);
}

function heading(bucket: Bucket, query: Listing, page: ListingPage<StoredObject>): readonly XmlFragment[] {
  return [
    element('Name', bucket.name),
    element('Prefix', query.encode(query.prefix)),
    ...(query.delimiter === '' ? [] : [element('Delimiter', query.encode(query.delimiter))]),
    element('MaxKeys', query.maximum),
    ...(query.encodes ? [element('EncodingType', 'url')] : []),
    element('IsTruncated', page.isTruncated),
  ];
}

function contents(
  page: ListingPage<StoredObject>,
  query: Listing,
  withOwner: boolean,
): readonly XmlFragment[] {
  const objects = page.items.map(object =>
    element(
      'Contents',
      element('Key', query.encode(object.key)),
      element('LastModified', object.modified.toISOString()),
      element('ETag', `"${object.etag}"`),
      ...(object.checksum === undefined
        ? []
        : [
            element('ChecksumAlgorithm', object.checksum.algorithm),
            element('ChecksumType', object.checksum.type),
          ]),
      element('Size', object.size),
      ...(withOwner ? [OWNER] : []),
      element('StorageClass', object.headers['x-amz-storage-class'] ?? 'STANDARD'),
    ),
  );
  return [...objects, ...commonPrefixes(page.prefixes, query)];
}

/** The one owner of everything. */
export const OWNER: XmlFragment = element('Owner', element('ID', 'owner'), element('DisplayName', 'owner'));
