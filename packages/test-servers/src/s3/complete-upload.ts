import type { Bucket, MultipartUpload, Part } from './bucket.ts';
import { type Checksum, checksumHeader, checksumOfParts } from './checksums.ts';
import { checkWrite } from './conditions.ts';
import { endUpload, etagOfParts, findUpload } from './multipart-upload.ts';
import { writtenHeaders } from './put-object.ts';
import { receiveText } from './receive.ts';
import { S3Error } from './s3-error.ts';
import type { S3Request } from './s3-request.ts';
import { type Reply, type S3Call, xmlReply } from './service.ts';
import { element, parseXml, type XmlNode, xmlDocument } from './xml.ts';

/** CompleteMultipartUpload: the object is the files of its parts, which are not copied. */
export async function completeUpload(call: S3Call, bucket: Bucket, key: string): Promise<Reply> {
  const { request, service } = call;
  using watch = bucket.watch(key);
  findUpload(bucket, key, request.query.get('uploadId'));
  const body = await receiveText({ ...call, request: withoutChecksums(request) });
  // Everything from here is one synchronous step: of several completions, one finds the upload.
  const upload = findUpload(bucket, key, request.query.get('uploadId'));
  const parts = chosenParts(upload, parseXml(body, 'CompleteMultipartUpload'));
  checkSizes(parts, service.limits.minimumPartBytes);
  const size = parts.reduce((sum, part) => sum + part.file.size, 0);
  const expectedSize = request.headers.get('x-amz-mp-object-size');
  if (expectedSize !== undefined && Number(expectedSize) !== size)
    throw new S3Error(
      'InvalidRequest',
      `The provided 'x-amz-mp-object-size' header value ${expectedSize} does not match what was computed: ${size}`,
    );
  const checksum = objectChecksum(upload, parts, request.headers);
  checkWrite(request.headers, bucket.current(key), watch);
  endUpload(bucket, upload);
  for (const part of upload.parts.values()) if (!parts.includes(part)) part.file.release();
  const object = bucket.put(key, {
    headers: upload.headers,
    tags: upload.tags,
    isPublic: upload.isPublic,
    files: parts.map(part => part.file),
    size,
    etag: etagOfParts(parts),
    checksum,
    partSizes: parts.map(part => part.file.size),
  });
  // The checksum goes into the body here.
  const { [checksumHeader(checksum?.algorithm ?? 'CRC32')]: _, ...headers } = writtenHeaders(bucket, object);
  return xmlReply(
    xmlDocument(
      'CompleteMultipartUploadResult',
      element('Location', `http://${request.headers.get('host')}/${bucket.name}/${key}`),
      element('Bucket', bucket.name),
      element('Key', key),
      element('ETag', `"${object.etag}"`),
      ...(checksum === undefined
        ? []
        : [element(`Checksum${checksum.algorithm}`, checksum.value), element('ChecksumType', checksum.type)]),
    ),
    headers,
  );
}

/** Checksums in the headers of this request are the object's, not the body's. */
function withoutChecksums(request: S3Request): S3Request {
  const headers = new Map([...request.headers].filter(([name]) => !name.includes('checksum')));
  return { ...request, headers };
}

function chosenParts(upload: MultipartUpload, root: XmlNode): readonly Part[] {
  const listed = root.all('Part');
  if (listed.length === 0)
    throw new S3Error(
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
    );
  let previous = 0;
  return listed.map(node => {
    const number = Number(node.value('PartNumber'));
    if (!(number > previous))
      throw new S3Error(
        'InvalidPartOrder',
        'The list of parts was not in ascending order. Parts must be ordered by part number.',
        { UploadId: upload.id },
      );
    previous = number;
    const etag = (node.value('ETag') ?? '').replace(/^"(.*)"$/, '$1');
    const part = upload.parts.get(number);
    if (part === undefined || part.etag !== etag) throw invalidPart(upload, number, etag);
    checkPartChecksum(upload, part, node);
    return part;
  });
}

function checkPartChecksum(upload: MultipartUpload, part: Part, node: XmlNode): void {
  const algorithm = upload.checksum?.algorithm ?? part.checksum?.algorithm;
  const given = algorithm && node.value(`Checksum${algorithm}`);
  if (given === undefined && upload.checksum?.type === 'COMPOSITE')
    throw new S3Error(
      'InvalidRequest',
      `The upload was created using a ${upload.checksum.algorithm.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${part.number} in the request.`,
    );
  if (given !== undefined && given !== part.checksum?.value.toString('base64'))
    throw invalidPart(upload, part.number, part.etag);
}

function invalidPart(upload: MultipartUpload, number: number, etag: string): S3Error {
  return new S3Error(
    'InvalidPart',
    "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    { UploadId: upload.id, PartNumber: String(number), ETag: etag },
  );
}

function checkSizes(parts: readonly Part[], minimum: number): void {
  for (const part of parts.slice(0, -1)) {
    if (part.file.size >= minimum) continue;
    throw new S3Error('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', {
      ProposedSize: String(part.file.size),
      MinSizeAllowed: String(minimum),
      PartNumber: String(part.number),
      ETag: part.etag,
    });
  }
}

function objectChecksum(
  upload: MultipartUpload,
  parts: readonly Part[],
  headers: ReadonlyMap<string, string>,
): Checksum | undefined {
  if (upload.checksum === undefined) return undefined;
  const { algorithm, type } = upload.checksum;
  const checksum = checksumOfParts(
    algorithm,
    type,
    parts.map(part => ({ checksum: part.checksum?.value ?? Buffer.alloc(0), size: part.file.size })),
  );
  const given = headers.get(checksumHeader(algorithm));
  if (given !== undefined && given.replace(/-\d+$/, '') !== checksum.value.replace(/-\d+$/, ''))
    throw new S3Error('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
  return checksum;
}
