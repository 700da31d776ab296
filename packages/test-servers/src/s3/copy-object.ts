import { createHash } from 'node:crypto';
import type { Bucket, StoredObject } from './bucket.ts';
import { type Checksum, readAlgorithm, runningChecksum } from './checksums.ts';
import { checkRead, checkWrite } from './conditions.ts';
import { findObject, readObject, refuseArchived } from './get-object.ts';
import type { ObjectHeaders } from './object-headers.ts';
import { readProperties } from './object-properties.ts';
import { writtenHeaders } from './put-object.ts';
import { S3Error } from './s3-error.ts';
import { findBucket, type Reply, type S3Call, type Service, xmlReply } from './service.ts';
import { element, xmlDocument } from './xml.ts';

/** CopyObject: the copy shares the files of its source. */
export async function copyObject(call: S3Call, bucket: Bucket, key: string): Promise<Reply> {
  const { headers } = call.request;
  using watch = bucket.watch(key);
  const source = findSource(call.service, headers);
  checkRead(headers, source, 'x-amz-copy-source-');
  refuseArchived(source);
  const maximum = call.service.limits.maximumCopyBytes;
  if (source.size > maximum)
    throw new S3Error(
      'InvalidRequest',
      `The specified copy source is larger than the maximum allowable size for a copy source: ${maximum}`,
    );
  const given = readProperties(headers, bucket);
  const replaces = isReplaced(headers, 'x-amz-metadata-directive');
  if (source === bucket.current(key) && !replaces && !changesStorage(given.headers))
    throw new S3Error(
      'InvalidRequest',
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  const files = source.files.map(file => file.retain());
  try {
    const digests = await digestCopy(source, headers.get('x-amz-checksum-algorithm'));
    checkWrite(headers, bucket.current(key), watch);
    const object = bucket.put(key, {
      ...digests,
      files,
      size: source.size,
      headers: replaces ? given.headers : copiedHeaders(source.headers, given.headers),
      tags: isReplaced(headers, 'x-amz-tagging-directive') ? given.tags : source.tags,
      isPublic: given.isPublic,
      partSizes: undefined,
    });
    return xmlReply(xmlDocument('CopyObjectResult', ...copyResult(object)), writtenHeaders(bucket, object));
  } catch (error) {
    for (const file of files) file.release();
    throw error;
  }
}

/** What the answers of CopyObject and UploadPartCopy have in common. */
export function copyResult(copy: {
  readonly etag: string;
  readonly modified: Date;
  readonly checksum: Pick<Checksum, 'algorithm' | 'value'> | undefined;
}): readonly ReturnType<typeof element>[] {
  return [
    element('LastModified', copy.modified.toISOString()),
    element('ETag', `"${copy.etag}"`),
    ...(copy.checksum === undefined
      ? []
      : [element(`Checksum${copy.checksum.algorithm}`, copy.checksum.value)]),
  ];
}

/**
 * The object an `x-amz-copy-source` names.
 *
 * @throws `InvalidArgument`, `NoSuchBucket`, `NoSuchKey`
 */
export function findSource(service: Service, headers: ReadonlyMap<string, string>): StoredObject {
  const header = headers.get('x-amz-copy-source') ?? '';
  const [encodedPath = '', versionId] = header.split('?versionId=');
  const [bucketName, ...rest] = decodeSource(encodedPath).replace(/^\//, '').split('/');
  if (bucketName === undefined || bucketName === '' || rest.length === 0) throw invalidSource(header);
  return findObject(findBucket(service, bucketName), rest.join('/'), versionId);
}

function decodeSource(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw invalidSource(path);
  }
}

function invalidSource(value: string): S3Error {
  return new S3Error(
    'InvalidArgument',
    'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
    { ArgumentName: 'x-amz-copy-source', ArgumentValue: value },
  );
}

function isReplaced(headers: ReadonlyMap<string, string>, name: string): boolean {
  const directive = headers.get(name) ?? 'COPY';
  if (directive !== 'COPY' && directive !== 'REPLACE')
    throw new S3Error('InvalidArgument', `Unknown directive in ${name}.`, {
      ArgumentName: name,
      ArgumentValue: directive,
    });
  return directive === 'REPLACE';
}

// Storage class and encryption are the request's to say, never copied.
const NEVER_COPIED = [
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-aws-kms-key-id',
  'x-amz-storage-class',
  'x-amz-website-redirect-location',
];

function changesStorage(given: ObjectHeaders): boolean {
  return NEVER_COPIED.some(name => given[name] !== undefined);
}

function copiedHeaders(source: ObjectHeaders, given: ObjectHeaders): ObjectHeaders {
  return Object.fromEntries([
    ...Object.entries(source).filter(([name]) => !NEVER_COPIED.includes(name)),
    ...Object.entries(given).filter(([name]) => NEVER_COPIED.includes(name)),
  ]);
}

/** A copy is one part, whatever its source was: its etag is an MD5, its checksum that of the whole. */
async function digestCopy(
  source: StoredObject,
  wanted: string | undefined,
): Promise<{ readonly etag: string; readonly checksum: Checksum | undefined }> {
  const { checksum } = source;
  const algorithm = wanted === undefined ? checksum?.algorithm : readAlgorithm(wanted);
  const keepsChecksum = checksum?.algorithm === algorithm && checksum?.type !== 'COMPOSITE';
  if (source.partSizes === undefined && keepsChecksum) return { etag: source.etag, checksum };
  const md5 = createHash('md5');
  const running = algorithm && runningChecksum(algorithm);
  for await (const chunk of readObject(source, 0, source.size - 1)) {
    md5.update(chunk);
    running?.update(chunk);
  }
  return {
    etag: md5.digest('hex'),
    checksum: algorithm &&
      running && { algorithm, type: 'FULL_OBJECT', value: running.digest().toString('base64') },
  };
}
