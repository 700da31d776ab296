import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import {
  FieldFileError,
  type SignedUpload,
  type SignedUploadOptions,
  type UrlOptions,
} from '@fieldfile/storage';
import type { ObjectKey } from '@fieldfile/storage/backend';
import { joinUrl } from '@fieldfile/storage/names';
import { cloudFrontUrl } from './cloudfront.ts';
import type { Connection } from './connection.ts';
import { toFieldFileError, unsupported } from './errors.ts';
import type { S3StorageOptions } from './options.ts';

/** What an upload signed for S3 binds. */
export type BoundOnS3 = 'method' | 'key' | 'expiry' | 'type' | 'exact-length' | 'max-length' | 'no-overwrite';

/** What S3 signs for at most. */
const MAX_EXPIRY_SECONDS = 7 * 24 * 60 * 60;

/** The address anybody may read an object at, if the bucket or the distribution before it lets them. */
export function publicUrl(options: S3StorageOptions, key: ObjectKey): string {
  return addressOf(baseUrl(options), key);
}

/** A URL to read one object, of CloudFront where the storage has its key, else of S3. */
export async function signUrl(
  connection: Connection,
  options: S3StorageOptions,
  key: ObjectKey,
  url: UrlOptions,
): Promise<string> {
  const call = { operation: 'signUrl', name: key };
  refuseCustomerKey(connection, options, call);
  const { signingDate, expiresIn } = validity(connection, options, url, call.operation);
  const disposition = url.download === undefined ? undefined : attachment(url.download);
  const { cloudfrontKeyId, cloudfrontKey } = options;
  if (cloudfrontKeyId !== undefined && cloudfrontKey !== undefined) {
    const address = new URL(publicUrl(options, key));
    if (disposition !== undefined) address.searchParams.set('response-content-disposition', disposition);
    if (url.contentType !== undefined) address.searchParams.set('response-content-type', url.contentType);
    const expiresAt = Math.floor(signingDate.getTime() / 1000) + expiresIn;
    return cloudFrontUrl(address, expiresAt, { keyId: cloudfrontKeyId, privateKey: cloudfrontKey });
  }
  const command = new GetObjectCommand({
    Bucket: connection.bucket,
    Key: key,
    ...(disposition === undefined ? {} : { ResponseContentDisposition: disposition }),
    ...(url.contentType === undefined ? {} : { ResponseContentType: url.contentType }),
  });
  // Asked for, it would be a part of the URL that says nothing to a browser.
  withoutHeaders(command, 'x-amz-checksum-mode');
  return signed(connection, call, () => getSignedUrl(connection.client, command, { signingDate, expiresIn }));
}

/**
 * A request to upload one object. With `maxBytes` a POST, whose policy limits the length; else a PUT, which cannot
 * overwrite.
 */
export async function signUpload(
  connection: Connection,
  options: S3StorageOptions,
  key: ObjectKey,
  upload: SignedUploadOptions,
): Promise<SignedUpload<BoundOnS3>> {
  const call = { operation: 'signUpload', name: key };
  refuseCustomerKey(connection, options, call);
  const { expiresIn } = validity(connection, { ...options, expiryStepSeconds: 1 }, upload, call.operation);
  const { contentType, exactBytes, maxBytes } = upload;
  const enforced = new Set<BoundOnS3>(['method', 'key', 'expiry']);
  if (contentType !== undefined) enforced.add('type');
  if (exactBytes !== undefined) enforced.add('exact-length');
  if (maxBytes !== undefined && exactBytes === undefined) {
    enforced.add('max-length');
    const fields = contentType === undefined ? {} : { 'Content-Type': contentType };
    const { url, fields: signedFields } = await signed(connection, call, () =>
      createPresignedPost(connection.client, {
        Bucket: connection.bucket,
        Key: literal(key),
        Conditions: [['content-length-range', 0, maxBytes]],
        Fields: fields,
        Expires: expiresIn,
      }),
    );
    return { method: 'POST', url, headers: {}, fields: { ...signedFields, key }, enforced };
  }
  if (exactBytes !== undefined && maxBytes !== undefined && exactBytes > maxBytes)
    throw new FieldFileError(
      'invalid-argument',
      `exactBytes (${exactBytes}) is beyond maxBytes (${maxBytes}).`,
      {
        ...call,
        storage: connection.id,
      },
    );
  const headers: Record<string, string> = {
    ...(contentType === undefined ? {} : { 'content-type': contentType }),
    ...(options.conditionalWrites === 'unsupported' ? {} : { 'if-none-match': '*' }),
  };
  if (headers['if-none-match']) enforced.add('no-overwrite');
  const command = new PutObjectCommand({
    Bucket: connection.bucket,
    Key: key,
    ...(contentType === undefined ? {} : { ContentType: contentType }),
    ...(headers['if-none-match'] ? { IfNoneMatch: '*' } : {}),
    ...(exactBytes === undefined ? {} : { ContentLength: exactBytes }),
  });
  // The SDK signs the checksum of the body it knows, which is none: no upload would fit it.
  withoutHeaders(command, 'x-amz-checksum-crc32', 'x-amz-sdk-checksum-algorithm');
  const url = await signed(connection, call, () =>
    getSignedUrl(connection.client, command, {
      expiresIn,
      signableHeaders: new Set(['host', 'content-type', 'content-length', 'if-none-match']),
    }),
  );
  return { method: 'PUT', url, headers, enforced };
}

/** Whoever has the URL would have to send the key with it. */
function refuseCustomerKey(
  connection: Connection,
  { sseCustomerKey }: S3StorageOptions,
  call: { readonly operation: string; readonly name: ObjectKey },
): void {
  if (sseCustomerKey !== undefined)
    throw unsupported(
      'encrypts with sseCustomerKey, which no URL can carry: read and write through the storage',
      connection.context(call),
    );
}

function baseUrl({ bucketName, customDomain, urlProtocol = 'https:', ...options }: S3StorageOptions): string {
  if (customDomain !== undefined) return `${urlProtocol}//${customDomain}/`;
  const { endpointUrl, regionName } = options;
  const address = new URL(
    endpointUrl ?? `https://s3.${regionName === undefined ? '' : `${regionName}.`}amazonaws.com`,
  );
  const { addressingStyle = endpointUrl === undefined ? 'virtual' : 'path' } = options;
  const path = address.pathname.replace(/\/+$/, '');
  // A certificate for one level of names does not cover a bucket with a dot.
  if (addressingStyle === 'path' || bucketName.includes('.'))
    return `${address.origin}${path}/${bucketName}/`;
  return `${address.protocol}//${bucketName}.${address.host}${path}/`;
}

/** A backslash is an ordinary character of a key, but "/" to joinUrl and to browsers. */
function addressOf(base: string, key: ObjectKey): string {
  return (
    joinUrl(base, '') +
    key
      .split('\\')
      .map(part => joinUrl('/', part).slice(1))
      .join('%5C')
  );
}

/** From when and for how long a URL is good; made anew only at every step. */
function validity(
  connection: Connection,
  { expiryStepSeconds = 1 }: S3StorageOptions,
  { expiresInSeconds }: UrlOptions,
  operation: string,
): { readonly signingDate: Date; readonly expiresIn: number } {
  const expiresIn = expiresInSeconds + expiryStepSeconds - 1;
  if (expiresIn > MAX_EXPIRY_SECONDS)
    throw new FieldFileError(
      'invalid-argument',
      `S3 signs for 7 days at most (${MAX_EXPIRY_SECONDS} seconds, expiryStepSeconds included), not for ${expiresIn} seconds.`,
      { operation, storage: connection.id },
    );
  const step = expiryStepSeconds * 1000;
  return { signingDate: new Date(Math.floor(Date.now() / step) * step), expiresIn };
}

/** RFC 6266: an ASCII name for old browsers, the whole one as RFC 8187 has it. */
function attachment(fileName: string): string {
  const ascii = fileName.replace(/[^ -~]|["\\%]/g, '_');
  const encoded = encodeURIComponent(fileName).replace(
    /['()*]/g,
    character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

/** The SDK takes this ending for a placeholder. */
const PLACEHOLDER = '$' + '{filename}';

function literal(key: ObjectKey): string {
  if (!key.endsWith(PLACEHOLDER)) return key;
  throw new FieldFileError(
    'invalid-argument',
    `${JSON.stringify(key)} ends in what S3 replaces by the name of the file: take another name, or leave out maxBytes.`,
    { operation: 'signUpload', name: key },
  );
}

function withoutHeaders(command: GetObjectCommand | PutObjectCommand, ...names: readonly string[]): void {
  const stack: Pick<GetObjectCommand['middlewareStack'], 'add'> = command.middlewareStack as never;
  stack.add(
    next => args => {
      const { request } = args as { readonly request: { headers: Record<string, string> } };
      for (const name of names) delete request.headers[name];
      return next(args);
    },
    { step: 'build', priority: 'low', name: 'fieldfileWithoutHeaders', override: true },
  );
}

/** Without credentials or a region there is nothing to sign with. */
async function signed<T>(
  connection: Connection,
  call: { readonly operation: string; readonly name: ObjectKey },
  sign: () => Promise<T>,
): Promise<T> {
  try {
    return await sign();
  } catch (error) {
    throw toFieldFileError(error, connection.context(call));
  }
}
