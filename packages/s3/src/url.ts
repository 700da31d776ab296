import {
  type Digest,
  FieldFileError,
  isFieldFileError,
  type SignedUpload,
  type SignedUploadOptions,
  type UrlOptions,
} from '@fieldfile/storage';
import {
  checkUploadName,
  contentDisposition,
  type ObjectName,
  type SignedPart,
  type SignPartOptions,
  type UploadTarget,
} from '@fieldfile/storage/backend';
import { joinUrl } from '@fieldfile/storage/names';
import type { Address } from './address.ts';
import { cloudFrontUrl } from './cloudfront.ts';
import type { Conditions } from './conditions.ts';
import type { Connection } from './connection.ts';
import { toFieldFileError, unsupported } from './errors.ts';
import { encodeMetadata } from './metadata.ts';
import type { ObjectParameters, S3StorageOptions } from './options.ts';
import { presign } from './presign.ts';
import { formFields, uploadHeaders } from './upload-headers.ts';

/** What an upload signed for S3 binds. */
export type BoundOnS3 =
  | 'method'
  | 'name'
  | 'expiry'
  | 'type'
  | 'exact-length'
  | 'max-length'
  | 'digest'
  | 'no-overwrite'
  | 'replaces';

/** What S3 signs for at most. */
const MAX_EXPIRY_SECONDS = 7 * 24 * 60 * 60;

/** The address anybody may read an object at, if the bucket or the distribution before it lets them. */
export function publicUrl(address: Address, name: ObjectName): string {
  return addressOf(address.objects, name);
}

/** What a URL is made with. */
export interface UrlContext {
  readonly connection: Connection;
  readonly options: S3StorageOptions;
  readonly address: Address;
  readonly conditions: Conditions;
  readonly parametersOf: (name: ObjectName) => ObjectParameters;
  readonly maxPutBytes: number;
}

/** A URL to read one object, of CloudFront where the storage has its name, else of S3. */
export async function signUrl(
  { connection, options, address: whole }: UrlContext,
  name: ObjectName,
  url: UrlOptions,
): Promise<string> {
  const call = { operation: 'signUrl', name };
  refuseCustomerKey(connection, options, call);
  const { signingDate, expiresIn } = validity(connection, options, url, call.operation);
  const query: Record<string, string> = {};
  for (const [parameter, value] of [
    ['response-content-disposition', contentDisposition(url)],
    ['response-content-type', url.contentType],
    ['response-cache-control', url.cacheControl],
    ['response-content-language', url.contentLanguage],
    ['response-content-encoding', url.contentEncoding],
  ] as const)
    if (value !== undefined) query[parameter] = value;
  const { cloudfrontKeyId, cloudfrontKey } = options;
  if (cloudfrontKeyId !== undefined && cloudfrontKey !== undefined) {
    const address = new URL(publicUrl(whole, name));
    for (const [parameter, value] of Object.entries(query)) address.searchParams.set(parameter, value);
    const expiresAt = Math.floor(signingDate.getTime() / 1000) + expiresIn;
    return cloudFrontUrl(address, expiresAt, { keyId: cloudfrontKeyId, privateKey: cloudfrontKey });
  }
  return signed(connection, call, () =>
    presign(whole, {
      method: 'GET',
      bucket: connection.bucket,
      name,
      query,
      headers: {},
      signingDate,
      expiresIn,
    }),
  );
}

/**
 * A request to upload one object. With `maxBytes` a POST, whose policy limits the length; else a PUT, which cannot
 * overwrite, or replaces the one version that was given. What the storage gives every object is told with it, and bound: whoever uploads has to send it.
 */
export async function signUpload(
  { connection, options, address, conditions, parametersOf, maxPutBytes }: UrlContext,
  name: ObjectName,
  upload: SignedUploadOptions,
): Promise<SignedUpload<BoundOnS3>> {
  const call = { operation: 'signUpload', name };
  refuseCustomerKey(connection, options, call);
  checkUploadName(name, upload);
  const { expiresIn } = validity(connection, { ...options, expiryStepSeconds: 1 }, upload, call.operation);
  const { exactBytes, maxBytes, replaces } = upload;
  const given = uploadHeaders(parametersOf(name), upload);
  checkUploadName(name, given);
  const enforced = new Set<BoundOnS3>(['method', 'name', 'expiry']);
  if (given['content-type'] !== undefined) enforced.add('type');
  if (exactBytes !== undefined) enforced.add('exact-length');
  if (exactBytes !== undefined && exactBytes > maxPutBytes)
    throw new FieldFileError(
      'too-large',
      `One request uploads at most ${maxPutBytes} bytes to S3, not ${exactBytes} (${call.operation}).`,
      { ...call, storage: connection.id },
    );
  if (maxBytes !== undefined && exactBytes === undefined) {
    enforced.add('max-length');
    const fields = formFields(given, { ...call, storage: connection.id });
    const { url, fields: signedFields } = await signed(connection, call, async () => {
      const { createPresignedPost } = await import('@aws-sdk/s3-presigned-post');
      return createPresignedPost(address.client, {
        Bucket: connection.bucket,
        Key: name,
        Conditions: [['content-length-range', 0, maxBytes]],
        Fields: fields,
        Expires: expiresIn,
      });
    });
    return { method: 'POST', url, headers: {}, fields: { ...signedFields, key: name }, enforced };
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
  const condition = replaces
    ? await overHeaders(conditions, connection, call, replaces)
    : await createHeaders(conditions, call.operation);
  const digest = await digestHeaders(connection, upload.digest);
  const headers = { ...given, ...digest, ...condition.headers };
  if (condition.isKept) enforced.add(replaces ? 'replaces' : 'no-overwrite');
  if (Object.keys(digest).length > 0) enforced.add('digest');
  // A length every client sends by itself.
  const length = exactBytes === undefined ? {} : { 'content-length': String(exactBytes) };
  const url = await signed(connection, call, () =>
    presign(address, {
      method: 'PUT',
      bucket: connection.bucket,
      name,
      query: {},
      headers: { ...headers, ...length },
      signingDate: new Date(),
      expiresIn,
    }),
  );
  return { method: 'PUT', url, headers, enforced };
}

/** The request that stores one part of an upload, of this very length where that is known. */
export async function signPart(
  { connection, options, address }: UrlContext,
  name: ObjectName,
  query: { readonly uploadId: string; readonly partNumber: string },
  { expiresInSeconds, sizeBytes, digest }: SignPartOptions,
): Promise<SignedPart> {
  const call = { operation: 'signPart', name };
  refuseCustomerKey(connection, options, call);
  const { expiresIn } = validity(
    connection,
    { ...options, expiryStepSeconds: 1 },
    { expiresInSeconds },
    call.operation,
  );
  // Its upload has begun with checksums, whatever this process is set up for.
  const headers = digest ? { [`x-amz-checksum-${digest.algorithm}`]: digest.base64 } : {};
  const length = sizeBytes === undefined ? {} : { 'content-length': String(sizeBytes) };
  const url = await signed(connection, call, () =>
    presign(address, {
      method: 'PUT',
      bucket: connection.bucket,
      name,
      query,
      headers: { ...headers, ...length },
      signingDate: new Date(),
      expiresIn,
    }),
  );
  return { method: 'PUT', url, headers };
}

/** Whoever has the URL would have to send the name with it. */
function refuseCustomerKey(
  connection: Connection,
  { sseCustomerKey }: S3StorageOptions,
  call: { readonly operation: string; readonly name: ObjectName },
): void {
  if (sseCustomerKey !== undefined)
    throw unsupported(
      'encrypts with sseCustomerKey, which no URL can carry: read and write through the storage',
      connection.context(call),
    );
}

/** What a condition is told with, and whether the server is known to keep it. */
interface SignedCondition {
  readonly headers: Readonly<Record<string, string>>;
  readonly isKept: boolean;
}

async function createHeaders(conditions: Conditions, operation: string): Promise<SignedCondition> {
  const keepsNames = await keepsNamesOf(conditions, operation);
  return {
    headers: keepsNames === false ? {} : { 'if-none-match': '*' },
    isKept: keepsNames === true,
  };
}

/** @throws `unsupported` where the server would overwrite whatever is there. */
async function overHeaders(
  conditions: Conditions,
  connection: Connection,
  call: { readonly operation: string; readonly name: ObjectName },
  { version, writeId }: UploadTarget,
): Promise<SignedCondition> {
  if (!(await conditions.keeps('putIfMatch', call)))
    throw unsupported(
      'is on a server that does not honour If-Match, so that an upload could be repeated at any time: upload through the application',
      connection.context(call),
    );
  const metadata = Object.entries(encodeMetadata({}, writeId)).map(
    ([key, value]) => [`x-amz-meta-${key}`, value] as const,
  );
  return { headers: { ...Object.fromEntries(metadata), 'if-match': conditions.etag(version) }, isKept: true };
}

/** What the service compares the body with; nothing where it is told of no checksums, since it may refuse them. */
async function digestHeaders(
  connection: Connection,
  digest: Digest | undefined,
): Promise<Readonly<Record<string, string>>> {
  if (digest === undefined) return {};
  const { algorithm, base64 } = digest;
  if (algorithm === 'md5') return { 'content-md5': base64 };
  return (await connection.sendsChecksums()) ? { [`x-amz-checksum-${algorithm}`]: base64 } : {};
}

/** Whether an upload cannot overwrite; undefined where that cannot be found out now, and is not claimed. */
async function keepsNamesOf(conditions: Conditions, operation: string): Promise<boolean | undefined> {
  try {
    return await conditions.keeps('put', { operation });
  } catch (error) {
    if (!isFieldFileError(error)) throw error;
    return undefined;
  }
}

/** A backslash is an ordinary character of a name, but "/" to joinUrl and to browsers. */
function addressOf(base: string, name: ObjectName): string {
  return (
    joinUrl(base, '') +
    name
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

/** Without credentials or a region there is nothing to sign with. */
async function signed<T>(
  connection: Connection,
  call: { readonly operation: string; readonly name: ObjectName },
  sign: () => Promise<T>,
): Promise<T> {
  try {
    return await sign();
  } catch (error) {
    throw toFieldFileError(error, connection.context(call));
  }
}
