import { FieldFileError, type SignedUploadOptions } from '@fieldfile/storage';
import { contentDisposition } from '@fieldfile/storage/backend';
import type { ObjectParameters } from './options.ts';

type Parameter = keyof ObjectParameters;

/** The headers in which PutObject says what an object gets. */
const HEADERS = {
  ACL: 'x-amz-acl',
  BucketKeyEnabled: 'x-amz-server-side-encryption-bucket-key-enabled',
  CacheControl: 'cache-control',
  ContentDisposition: 'content-disposition',
  ContentEncoding: 'content-encoding',
  ContentLanguage: 'content-language',
  ContentType: 'content-type',
  Expires: 'expires',
  ServerSideEncryption: 'x-amz-server-side-encryption',
  SSEKMSEncryptionContext: 'x-amz-server-side-encryption-context',
  SSEKMSKeyId: 'x-amz-server-side-encryption-aws-kms-key-id',
  StorageClass: 'x-amz-storage-class',
  Tagging: 'x-amz-tagging',
} as const satisfies Record<Parameter, string>;

/**
 * What an object gets that a client uploads itself, as headers of its PUT: the storage's parameters, and before them what
 * was asked for this upload.
 */
export function uploadHeaders(
  parameters: ObjectParameters,
  upload: SignedUploadOptions,
): Record<string, string> {
  const { contentType, cacheControl, contentLanguage, contentEncoding } = upload;
  const given: ObjectParameters = {
    ...parameters,
    ...defined({
      ContentType: contentType,
      CacheControl: cacheControl,
      ContentLanguage: contentLanguage,
      ContentEncoding: contentEncoding,
      ContentDisposition: contentDisposition(upload),
    }),
  };
  return Object.fromEntries(
    Object.entries(given).flatMap(([parameter, value]) =>
      value === undefined ? [] : [[HEADERS[parameter as Parameter], textOf(value)]],
    ),
  );
}

const defined = (parameters: ObjectParameters): ObjectParameters =>
  Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== undefined));

const textOf = (value: string | boolean | Date): string =>
  value instanceof Date ? value.toUTCString() : String(value);

/**
 * The same as fields of a form.
 *
 * @throws `unsupported` for what a form has no field for.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
 */
export function formFields(
  headers: Readonly<Record<string, string>>,
  context: { readonly storage: string; readonly operation: string; readonly name: string },
): Record<string, string> {
  if (headers['content-language'] !== undefined)
    throw new FieldFileError(
      'unsupported',
      `Storage "${context.storage}": a form on S3 has no field for ContentLanguage: leave it out, or give exactBytes instead of maxBytes (${context.operation}).`,
      context,
    );
  return Object.fromEntries(
    Object.entries(headers).map(([header, text]) => {
      if (header === HEADERS.ACL) return ['acl', text];
      if (header === HEADERS.Tagging) return ['tagging', taggingDocument(text)];
      return [header.startsWith('x-amz-') ? header : capitalised(header), text];
    }),
  );
}

const capitalised = (header: string): string =>
  header.replace(/(?<=^|-)[a-z]/g, letter => letter.toUpperCase());

/** A form has tags as XML where a header has them as a query. */
function taggingDocument(query: string): string {
  const tags = [...new URLSearchParams(query)].map(
    ([key, value]) => `<Tag><Key>${escaped(key)}</Key><Value>${escaped(value)}</Value></Tag>`,
  );
  return `<Tagging><TagSet>${tags.join('')}</TagSet></Tagging>`;
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
