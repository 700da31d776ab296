import { createHash } from 'node:crypto';
import type { Bucket, MultipartUpload, Part } from './bucket.ts';
import { checksumHeader, runningChecksum } from './checksums.ts';
import { checkRead } from './conditions.ts';
import { copyResult, findSource } from './copy-object.ts';
import { readObject } from './get-object.ts';
import { findUpload } from './multipart-upload.ts';
import { receive } from './receive.ts';
import { S3Error } from './s3-error.ts';
import { type Reply, type S3Call, type Service, xmlReply } from './service.ts';
import { xmlDocument } from './xml.ts';

/** UploadPart */
export async function uploadPart(call: S3Call, bucket: Bucket, key: string): Promise<Reply> {
  const { request, authentication, service } = call;
  const upload = findUpload(bucket, key, request.query.get('uploadId'));
  const number = readPartNumber(request.query);
  const { file, md5, checksum } = await receive(
    request,
    authentication,
    service.files,
    service.limits.maximumUploadBytes,
    upload.checksum?.algorithm,
  );
  const part = { number, file, checksum, etag: md5.toString('hex'), modified: new Date() };
  keepPart(bucket, upload, part);
  return {
    status: 200,
    headers: {
      etag: `"${part.etag}"`,
      ...(checksum === undefined
        ? {}
        : { [checksumHeader(checksum.algorithm)]: checksum.value.toString('base64') }),
    },
  };
}

/** UploadPartCopy */
export async function uploadPartCopy(call: S3Call, bucket: Bucket, key: string): Promise<Reply> {
  const { request, service } = call;
  const upload = findUpload(bucket, key, request.query.get('uploadId'));
  const number = readPartNumber(request.query);
  const source = findSource(service, request.headers);
  checkRead(request.headers, source, 'x-amz-copy-source-');
  const { start, end } = readSourceRange(
    request.headers.get('x-amz-copy-source-range'),
    source.size,
    service,
  );
  const content = readObject(source, start, end);
  const md5 = createHash('md5');
  const algorithm = upload.checksum?.algorithm;
  const running = algorithm && runningChecksum(algorithm);
  const file = await service.files.write(
    (async function* () {
      for await (const chunk of content) {
        md5.update(chunk);
        running?.update(chunk);
        yield chunk;
      }
    })(),
  );
  const value = running?.digest();
  const part = {
    number,
    file,
    etag: md5.digest('hex'),
    modified: new Date(),
    checksum: algorithm && value && { algorithm, value },
  };
  keepPart(bucket, upload, part);
  const checksum = part.checksum && { ...part.checksum, value: part.checksum.value.toString('base64') };
  return xmlReply(xmlDocument('CopyPartResult', ...copyResult({ ...part, checksum })));
}

/** A part that arrives after its upload ended is not kept. */
function keepPart(bucket: Bucket, upload: MultipartUpload, part: Part): void {
  try {
    findUpload(bucket, upload.key, upload.id);
  } catch (error) {
    part.file.release();
    throw error;
  }
  upload.parts.get(part.number)?.file.release();
  upload.parts.set(part.number, part);
}

function readPartNumber(query: ReadonlyMap<string, string>): number {
  const value = query.get('partNumber') ?? '';
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < 1 || number > 10_000)
    throw new S3Error('InvalidArgument', 'Part number must be an integer between 1 and 10000, inclusive', {
      ArgumentName: 'partNumber',
      ArgumentValue: value,
    });
  return number;
}

function readSourceRange(
  header: string | undefined,
  size: number,
  service: Service,
): { readonly start: number; readonly end: number } {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(header ?? `bytes=0-${Math.max(0, size - 1)}`) ?? [];
  const start = Number(first);
  const end = Number(last);
  if (first === undefined || start > end)
    throw new S3Error(
      'InvalidArgument',
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
      { ArgumentName: 'x-amz-copy-source-range', ArgumentValue: header ?? '' },
    );
  if (header !== undefined && end >= size)
    throw new S3Error('InvalidArgument', `Range specified is not valid for source object of size: ${size}`, {
      ArgumentName: 'x-amz-copy-source-range',
      ArgumentValue: header,
    });
  const maximum = service.limits.maximumCopyBytes;
  if (end - start + 1 > maximum)
    throw new S3Error(
      'InvalidRequest',
      `The specified copy source is larger than the maximum allowable size for a copy source: ${maximum}`,
    );
  return { start, end };
}
