import type { IncomingHttpHeaders } from 'node:http';
import { invalid } from './gcs-error.ts';
import type { ObjectAttributes } from './stored-object.ts';

const TEXT_FIELDS = [
  'contentType',
  'contentEncoding',
  'contentDisposition',
  'contentLanguage',
  'cacheControl',
  'customTime',
  'storageClass',
  'kmsKeyName',
] as const;

const STORAGE_CLASSES = new Set([
  'STANDARD',
  'NEARLINE',
  'COLDLINE',
  'ARCHIVE',
  'MULTI_REGIONAL',
  'REGIONAL',
]);
const CUSTOM_METADATA_LIMIT_BYTES = 8192;

/** Applies a JSON object resource to attributes: what it does not name stays, null removes, metadata is merged key by key. */
export function patchAttributes(
  before: ObjectAttributes,
  resource: Record<string, unknown>,
): ObjectAttributes {
  const after: { -readonly [Field in keyof ObjectAttributes]: ObjectAttributes[Field] } = { ...before };
  for (const field of TEXT_FIELDS) {
    const value = resource[field];
    if (value === undefined) continue;
    if (value !== null && typeof value !== 'string')
      throw invalid(`Invalid value for ${field}: it must be a string.`);
    after[field] = value ?? undefined;
  }
  if (after.storageClass !== undefined && !STORAGE_CLASSES.has(after.storageClass)) {
    throw invalid(`Invalid storage class: '${after.storageClass}'.`, 'InvalidStorageClass');
  }
  if (resource.metadata !== undefined) after.metadata = patchMetadata(before.metadata, resource.metadata);
  return after;
}

/** The attributes the XML API takes from headers, `x-goog-meta-*` among them. */
export function attributesOfHeaders(headers: IncomingHttpHeaders): ObjectAttributes {
  const text = (name: string) => {
    const value = headers[name];
    return typeof value === 'string' ? utf8(value) : undefined;
  };
  const metadata = Object.entries(headers)
    .filter(([name, value]) => name.startsWith('x-goog-meta-') && typeof value === 'string')
    .map(([name, value]) => [name.slice('x-goog-meta-'.length), utf8(String(value))]);
  return patchAttributes(
    {},
    {
      contentType: text('content-type'),
      contentEncoding: text('content-encoding'),
      contentDisposition: text('content-disposition'),
      contentLanguage: text('content-language'),
      cacheControl: text('cache-control'),
      storageClass: text('x-goog-storage-class'),
      customTime: text('x-goog-custom-time'),
      kmsKeyName: text('x-goog-encryption-kms-key-name'),
      ...(metadata.length === 0 ? {} : { metadata: Object.fromEntries(metadata) }),
    },
  );
}

function patchMetadata(
  before: ObjectAttributes['metadata'],
  change: unknown,
): Readonly<Record<string, string>> | undefined {
  if (change === null) return undefined;
  if (typeof change !== 'object' || Array.isArray(change)) throw invalid('Invalid value for metadata.');
  const after = new Map(Object.entries(before ?? {}));
  for (const [key, value] of Object.entries(change)) {
    if (value === null) after.delete(key);
    else if (typeof value === 'string') after.set(key, value);
    else throw invalid(`Invalid value for metadata.${key}: it must be a string.`);
  }
  const bytes = [...after].reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  );
  if (bytes > CUSTOM_METADATA_LIMIT_BYTES) {
    throw invalid(
      `Custom metadata of ${bytes} bytes is over the limit of ${CUSTOM_METADATA_LIMIT_BYTES}.`,
      'MetadataTooLarge',
    );
  }
  return after.size === 0 ? undefined : Object.fromEntries(after);
}

// Node hands header values over as Latin-1.
function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}
