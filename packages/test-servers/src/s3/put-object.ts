import type { Bucket, StoredObject } from './bucket.ts';
import { checksumHeader } from './checksums.ts';
import { checkWrite } from './conditions.ts';
import { readProperties } from './object-properties.ts';
import { receive } from './receive.ts';
import type { Reply, S3Call } from './service.ts';

/** PutObject */
export async function putObject(call: S3Call, bucket: Bucket, key: string): Promise<Reply> {
  const { request, authentication, service } = call;
  using watch = bucket.watch(key);
  const properties = readProperties(request.headers, bucket);
  const { file, md5, checksum } = await receive(
    request,
    authentication,
    service.files,
    service.limits.maximumUploadBytes,
  );
  try {
    checkWrite(request.headers, bucket.current(key), watch);
  } catch (error) {
    file.release();
    throw error;
  }
  const object = bucket.put(key, {
    ...properties,
    files: [file],
    size: file.size,
    etag: md5.toString('hex'),
    checksum: checksum && {
      algorithm: checksum.algorithm,
      value: checksum.value.toString('base64'),
      type: 'FULL_OBJECT',
    },
    partSizes: undefined,
  });
  return { status: 200, headers: { ...writtenHeaders(bucket, object), etag: `"${object.etag}"` } };
}

/** Version and checksum of a written object, as answers carry them. */
export function writtenHeaders(bucket: Bucket, object: StoredObject): Record<string, string> {
  return {
    ...(bucket.versioning === undefined ? {} : { 'x-amz-version-id': object.versionId }),
    ...(object.checksum === undefined
      ? {}
      : {
          [checksumHeader(object.checksum.algorithm)]: object.checksum.value,
          'x-amz-checksum-type': object.checksum.type,
        }),
  };
}
