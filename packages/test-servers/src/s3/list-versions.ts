import type { Bucket } from './bucket.ts';
import { commonPrefixes, OWNER, readListing } from './list-objects.ts';
import { listPageOfMany } from './listing.ts';
import { type Reply, type S3Call, xmlReply } from './service.ts';
import { element, xmlDocument } from './xml.ts';

/** ListObjectVersions */
export function listVersions({ request }: S3Call, bucket: Bucket): Reply {
  const query = readListing(request.query);
  const keyMarker = request.query.get('key-marker') ?? '';
  const versionMarker = request.query.get('version-id-marker') ?? '';
  const page = listPageOfMany(
    bucket.versions,
    version => version.versionId,
    { key: keyMarker, id: versionMarker },
    query,
  );
  const last = page.items.at(-1);
  return xmlReply(
    xmlDocument(
      'ListVersionsResult',
      element('Name', bucket.name),
      element('Prefix', query.encode(query.prefix)),
      element('KeyMarker', query.encode(keyMarker)),
      element('VersionIdMarker', versionMarker),
      ...(page.isTruncated && page.last !== undefined
        ? [
            element('NextKeyMarker', query.encode(page.last)),
            element('NextVersionIdMarker', last?.key === page.last ? last.versionId : ''),
          ]
        : []),
      element('MaxKeys', query.maximum),
      ...(query.delimiter === '' ? [] : [element('Delimiter', query.encode(query.delimiter))]),
      ...(query.encodes ? [element('EncodingType', 'url')] : []),
      element('IsTruncated', page.isTruncated),
      ...page.items.map(version =>
        element(
          version.files === undefined ? 'DeleteMarker' : 'Version',
          element('Key', query.encode(version.key)),
          element('VersionId', version.versionId),
          element('IsLatest', bucket.newest(version.key) === version),
          element('LastModified', version.modified.toISOString()),
          ...(version.files === undefined
            ? []
            : [
                element('ETag', `"${version.etag}"`),
                element('Size', version.size),
                element('StorageClass', version.headers['x-amz-storage-class'] ?? 'STANDARD'),
              ]),
          OWNER,
        ),
      ),
      ...commonPrefixes(page.prefixes, query),
    ),
  );
}
