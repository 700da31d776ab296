import { createHash } from 'node:crypto';

type Headers = Readonly<Record<string, string>>;

/** Requests that touch the bytes of an object or tell of them: each has to bring the key they are encrypted with. */
const OF_AN_OBJECT: ReadonlySet<string> = new Set([
  'PutObjectCommand',
  'GetObjectCommand',
  'HeadObjectCommand',
  'CopyObjectCommand',
  'CreateMultipartUploadCommand',
  'UploadPartCommand',
  'UploadPartCopyCommand',
  'CompleteMultipartUploadCommand',
]);

const COPIES: ReadonlySet<string> = new Set(['CopyObjectCommand', 'UploadPartCopyCommand']);

/**
 * The headers with which a command of that name brings the name, none where it needs none.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
 */
export function customerKeyHeaders(key: Uint8Array | undefined): (commandName: string) => Headers {
  if (!key) return () => NONE;
  const own = headers('x-amz-server-side-encryption-customer-', key);
  const both = { ...own, ...headers('x-amz-copy-source-server-side-encryption-customer-', key) };
  return commandName => (COPIES.has(commandName) ? both : OF_AN_OBJECT.has(commandName) ? own : NONE);
}

const NONE: Headers = {};

const headers = (prefix: string, key: Uint8Array): Headers => ({
  [`${prefix}algorithm`]: 'AES256',
  [`${prefix}key`]: Buffer.from(key).toString('base64'),
  [`${prefix}key-md5`]: createHash('md5').update(key).digest('base64'),
});
