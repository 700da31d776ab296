import type { Bucket } from './bucket.ts';
import { findObject } from './get-object.ts';
import { S3Error } from './s3-error.ts';
import { type Reply, type S3Call, xmlReply } from './service.ts';
import { element, xmlDocument } from './xml.ts';

/** GetObjectAttributes; of the parts, their count. */
export function getObjectAttributes({ request }: S3Call, bucket: Bucket, key: string): Reply {
  const object = findObject(bucket, key, request.query.get('versionId'));
  const wanted = (request.headers.get('x-amz-object-attributes') ?? '')
    .split(',')
    .map(attribute => attribute.trim())
    .filter(attribute => attribute !== '');
  if (wanted.length === 0)
    throw new S3Error(
      'InvalidRequest',
      'The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty',
    );
  const { checksum } = object;
  const attributes = {
    ETag: () => element('ETag', object.etag),
    Checksum: () =>
      checksum &&
      element(
        'Checksum',
        element(`Checksum${checksum.algorithm}`, checksum.value),
        element('ChecksumType', checksum.type),
      ),
    ObjectParts: () =>
      object.partSizes && element('ObjectParts', element('TotalPartsCount', object.partSizes.length)),
    StorageClass: () => element('StorageClass', object.headers['x-amz-storage-class'] ?? 'STANDARD'),
    ObjectSize: () => element('ObjectSize', object.size),
  };
  const chosen = Object.entries(attributes)
    .filter(([name]) => wanted.includes(name))
    .map(([, make]) => make())
    .filter(fragment => fragment !== undefined);
  return xmlReply(xmlDocument('GetObjectAttributesResponse', ...chosen), {
    'last-modified': object.modified.toUTCString(),
  });
}
