import { createHash, randomBytes } from 'node:crypto';
import type { Bucket, MultipartUpload, Part } from './bucket.ts';
import { readAlgorithm, readChecksumType } from './checksums.ts';
import { readProperties } from './object-properties.ts';
import { S3Error } from './s3-error.ts';
import { type Reply, type S3Call, xmlReply } from './service.ts';
import { element, xmlDocument } from './xml.ts';

/** CreateMultipartUpload */
export function createUpload({ request }: S3Call, bucket: Bucket, key: string): Reply {
  const { headers } = request;
  const name = headers.get('x-amz-checksum-algorithm');
  const algorithm = name === undefined ? undefined : readAlgorithm(name);
  const checksum = algorithm && {
    algorithm,
    type: readChecksumType(algorithm, headers.get('x-amz-checksum-type')),
  };
  const id = randomBytes(32).toString('base64url');
  const upload = {
    ...readProperties(headers, bucket),
    id,
    key,
    initiated: new Date(),
    checksum,
    parts: new Map<number, Part>(),
  };
  bucket.uploads.set(key, [...(bucket.uploads.get(key) ?? []), upload]);
  return xmlReply(
    xmlDocument(
      'InitiateMultipartUploadResult',
      element('Bucket', bucket.name),
      element('Key', key),
      element('UploadId', id),
    ),
    checksum === undefined
      ? {}
      : { 'x-amz-checksum-algorithm': checksum.algorithm, 'x-amz-checksum-type': checksum.type },
  );
}

/** AbortMultipartUpload */
export function abortUpload({ request }: S3Call, bucket: Bucket, key: string): Reply {
  const upload = findUpload(bucket, key, request.query.get('uploadId'));
  endUpload(bucket, upload);
  for (const part of upload.parts.values()) part.file.release();
  return { status: 204 };
}

/** @throws `NoSuchUpload` */
export function findUpload(bucket: Bucket, key: string, id: string | undefined): MultipartUpload {
  const upload = bucket.uploads.get(key)?.find(candidate => candidate.id === id);
  if (upload === undefined)
    throw new S3Error(
      'NoSuchUpload',
      'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
      { UploadId: id ?? '' },
    );
  return upload;
}

/** Forgets an upload; its files are the caller's. */
export function endUpload(bucket: Bucket, upload: MultipartUpload): void {
  const others = (bucket.uploads.get(upload.key) ?? []).filter(candidate => candidate !== upload);
  if (others.length > 0) bucket.uploads.set(upload.key, others);
  else bucket.uploads.delete(upload.key);
}

/** MD5 of the parts' MD5s, and their number. */
export function etagOfParts(parts: readonly Part[]): string {
  const md5 = createHash('md5');
  for (const part of parts) md5.update(part.etag, 'hex');
  return `${md5.digest('hex')}-${parts.length}`;
}
