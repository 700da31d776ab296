import type { Bucket } from './bucket.ts';
import { commonPrefixes, OWNER, readListing } from './list-objects.ts';
import { listPageOfMany } from './listing.ts';
import { findUpload } from './multipart-upload.ts';
import { integerParameter, type Reply, type S3Call, xmlReply } from './service.ts';
import { element, type XmlFragment, xmlDocument } from './xml.ts';

const INITIATOR: XmlFragment = element('Initiator', element('ID', 'owner'), element('DisplayName', 'owner'));

/** ListMultipartUploads */
export function listUploads({ request }: S3Call, bucket: Bucket): Reply {
  const query = readListing(request.query, 'max-uploads');
  const keyMarker = request.query.get('key-marker') ?? '';
  const idMarker = request.query.get('upload-id-marker') ?? '';
  const page = listPageOfMany(bucket.uploads, upload => upload.id, { key: keyMarker, id: idMarker }, query);
  const last = page.items.at(-1);
  return xmlReply(
    xmlDocument(
      'ListMultipartUploadsResult',
      element('Bucket', bucket.name),
      element('KeyMarker', query.encode(keyMarker)),
      element('UploadIdMarker', idMarker),
      ...(page.isTruncated && page.last !== undefined
        ? [
            element('NextKeyMarker', query.encode(page.last)),
            element('NextUploadIdMarker', last?.key === page.last ? last.id : ''),
          ]
        : []),
      element('Prefix', query.encode(query.prefix)),
      ...(query.delimiter === '' ? [] : [element('Delimiter', query.encode(query.delimiter))]),
      ...(query.encodes ? [element('EncodingType', 'url')] : []),
      element('MaxUploads', query.maximum),
      element('IsTruncated', page.isTruncated),
      ...page.items.map(upload =>
        element(
          'Upload',
          element('Key', query.encode(upload.key)),
          element('UploadId', upload.id),
          INITIATOR,
          OWNER,
          element('StorageClass', upload.headers['x-amz-storage-class'] ?? 'STANDARD'),
          element('Initiated', upload.initiated.toISOString()),
          ...(upload.checksum === undefined
            ? []
            : [
                element('ChecksumAlgorithm', upload.checksum.algorithm),
                element('ChecksumType', upload.checksum.type),
              ]),
        ),
      ),
      ...commonPrefixes(page.prefixes, query),
    ),
  );
}

/** ListParts */
export function listParts({ request }: S3Call, bucket: Bucket, key: string): Reply {
  const upload = findUpload(bucket, key, request.query.get('uploadId'));
  const marker = integerParameter(request.query, 'part-number-marker', 0, Number.MAX_SAFE_INTEGER);
  const maximum = integerParameter(request.query, 'max-parts', 1000, 1000);
  const following = [...upload.parts.values()]
    .filter(part => part.number > marker)
    .sort((a, b) => a.number - b.number);
  const parts = following.slice(0, maximum);
  const isTruncated = maximum > 0 && following.length > maximum;
  return xmlReply(
    xmlDocument(
      'ListPartsResult',
      element('Bucket', bucket.name),
      element('Key', key),
      element('UploadId', upload.id),
      INITIATOR,
      OWNER,
      element('StorageClass', upload.headers['x-amz-storage-class'] ?? 'STANDARD'),
      element('PartNumberMarker', marker),
      ...(isTruncated ? [element('NextPartNumberMarker', parts.at(-1)?.number)] : []),
      element('MaxParts', maximum),
      element('IsTruncated', isTruncated),
      ...(upload.checksum === undefined
        ? []
        : [
            element('ChecksumAlgorithm', upload.checksum.algorithm),
            element('ChecksumType', upload.checksum.type),
          ]),
      ...parts.map(part =>
        element(
          'Part',
          element('PartNumber', part.number),
          element('LastModified', part.modified.toISOString()),
          element('ETag', `"${part.etag}"`),
          element('Size', part.file.size),
          ...(part.checksum === undefined
            ? []
            : [element(`Checksum${part.checksum.algorithm}`, part.checksum.value.toString('base64'))]),
        ),
      ),
    ),
  );
}
