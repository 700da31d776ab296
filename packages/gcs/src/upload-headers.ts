import { FieldFileError, type SignedUploadOptions } from '@fieldfile/storage';
import { checkObjectParameters, contentDisposition, type ObjectName } from '@fieldfile/storage/backend';
import type { ObjectParameters, ObjectParametersOption } from './attributes.ts';
import { encodeHeaderMetadata } from './metadata.ts';

/** What a storage gives every object, whoever uploads it. */
export interface GivenToObjects {
  readonly objectParameters: ObjectParametersOption | undefined;
  /** As the JSON API calls it. */
  readonly predefinedAcl: string | undefined;
  readonly kmsKeyName: string | undefined;
}

/** The headers in which the XML API is told what the JSON API has as fields. Undefined: it cannot be told. */
const HEADERS = {
  cacheControl: 'cache-control',
  contentDisposition: 'content-disposition',
  contentEncoding: 'content-encoding',
  contentLanguage: 'content-language',
  contentType: 'content-type',
  customTime: 'x-goog-custom-time',
  storageClass: 'x-goog-storage-class',
  temporaryHold: undefined,
  eventBasedHold: undefined,
} as const satisfies Record<Exclude<keyof ObjectParameters, 'metadata'>, string | undefined>;

/** What a form has no fields for. */
const NOT_IN_FORMS: readonly string[] = [
  HEADERS.contentLanguage,
  HEADERS.storageClass,
  'x-goog-encryption-kms-key-name',
];

/**
 * What an object gets that a client uploads itself, as headers of its PUT: what the storage gives every object, and before
 * it what was asked for this upload.
 *
 * @throws `unsupported` for a hold, which no header can ask for.
 */
export function uploadHeaders(
  name: ObjectName,
  { objectParameters = {}, predefinedAcl, kmsKeyName }: GivenToObjects,
  upload: SignedUploadOptions,
  storage: string,
): Record<string, string> {
  const defaults = typeof objectParameters === 'function' ? objectParameters(name) : objectParameters;
  checkObjectParameters(defaults);
  const { metadata, ...parameters } = defaults;
  const { contentType, cacheControl, contentLanguage, contentEncoding } = upload;
  const asked = {
    contentType,
    cacheControl,
    contentLanguage,
    contentEncoding,
    contentDisposition: contentDisposition(upload),
  };
  const headers: Record<string, string> = {};
  for (const [parameter, value] of [...Object.entries(parameters), ...Object.entries(asked)]) {
    if (value === undefined || value === false) continue;
    const header = HEADERS[parameter as keyof typeof HEADERS];
    if (header === undefined)
      throw refused(parameter, name, storage, 'leave it out, or save through the storage');
    headers[header] = String(value);
  }
  for (const [name, value] of Object.entries(encodeHeaderMetadata(metadata)))
    headers[`x-goog-meta-${name}`] = value;
  if (predefinedAcl !== undefined) headers['x-goog-acl'] = dashed(predefinedAcl);
  if (kmsKeyName !== undefined) headers['x-goog-encryption-kms-key-name'] = kmsKeyName;
  return headers;
}

/**
 * The same as fields of a form.
 *
 * @throws `unsupported` for what a form has no field for.
 * @see https://cloud.google.com/storage/docs/xml-api/post-object-forms
 */
export function formFields(
  headers: Readonly<Record<string, string>>,
  name: ObjectName,
  storage: string,
): Record<string, string> {
  const missing = Object.keys(headers).find(header => NOT_IN_FORMS.includes(header));
  if (missing !== undefined)
    throw refused(
      missing,
      name,
      storage,
      "leave it out, or construct GcsStorage with signedUploadMethod: 'PUT'",
    );
  const { 'x-goog-acl': acl, ...fields } = headers;
  return { ...fields, ...(acl === undefined ? {} : { acl }) };
}

const refused = (what: string, name: ObjectName, storage: string, fix: string): FieldFileError =>
  new FieldFileError(
    'unsupported',
    `Storage "${storage}": no upload that is signed can be told of ${what}: ${fix} (signedUpload).`,
    { operation: 'signUpload', storage, name },
  );

/** `publicRead` is `public-read` to the XML API. */
const dashed = (acl: string): string => acl.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
