import { S3Error } from './s3-error.ts';

/** What a request says of an object beside its bytes, by lower-case header name; returned by every read. */
export type ObjectHeaders = Readonly<Record<string, string>>;

const KEPT = [
  'cache-control',
  'content-disposition',
  'content-language',
  'expires',
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-aws-kms-key-id',
  'x-amz-storage-class',
  'x-amz-website-redirect-location',
];

const STORAGE_CLASSES = [
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'DEEP_ARCHIVE',
  'GLACIER_IR',
];

const MAXIMUM_METADATA_BYTES = 2048;

/**
 * The object's headers among a request's.
 *
 * @throws `MetadataTooLarge` beyond 2 KiB, `InvalidStorageClass`.
 */
export function readObjectHeaders(headers: ReadonlyMap<string, string>): ObjectHeaders {
  const kept: Record<string, string> = {
    'content-type': headerValue('content-type', headers.get('content-type') || 'binary/octet-stream'),
  };
  let metadataBytes = 0;
  for (const [name, value] of headers) {
    if (KEPT.includes(name)) kept[name] = headerValue(name, value);
    if (!name.startsWith('x-amz-meta-')) continue;
    kept[name] = mailSafe(value);
    metadataBytes += name.length - 'x-amz-meta-'.length + Buffer.byteLength(value);
  }
  if (metadataBytes > MAXIMUM_METADATA_BYTES)
    throw new S3Error('MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size', {
      Size: String(metadataBytes),
      MaxSizeAllowed: String(MAXIMUM_METADATA_BYTES),
    });
  // `aws-chunked` describes the transfer, not the object.
  const encodings = (headers.get('content-encoding') ?? '')
    .split(',')
    .map(encoding => encoding.trim())
    .filter(encoding => encoding !== '' && encoding !== 'aws-chunked');
  if (encodings.length > 0) kept['content-encoding'] = encodings.join(',');
  const storageClass = kept['x-amz-storage-class'];
  if (storageClass !== undefined && !STORAGE_CLASSES.includes(storageClass))
    throw new S3Error('InvalidStorageClass', 'The storage class you specified is not valid');
  if (storageClass === 'STANDARD') delete kept['x-amz-storage-class'];
  return kept;
}

/**
 * A value that can stand in a header of an answer: forms and queries may say anything.
 *
 * @throws `InvalidArgument`
 */
export function headerValue(name: string, value: string): string {
  if (!/^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(value))
    throw new S3Error('InvalidArgument', 'Header value cannot be represented using ISO-8859-1.', {
      ArgumentName: name,
      ArgumentValue: value,
    });
  return value;
}

/**
 * The form in which S3 gives metadata back.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html, which reads the header's bytes as
 * Latin-1 and answers non-ASCII values as RFC 2047 words.
 */
function mailSafe(value: string): string {
  return /^[\t\u0020-\u007e]*$/.test(value) ? value : `=?UTF-8?B?${Buffer.from(value).toString('base64')}?=`;
}
