import { FieldFileError } from '../errors/field-file-error.ts';
import type { Backend, ByteRange, WriteOptions } from './backend.ts';
import type { SignedUploadOptions, UrlOptions } from './capabilities.ts';
import { hasOnly, knownOptions } from './known-options.ts';
import type { SaveObjectOptions, StorageOptions } from './storage-options.ts';
import { newWriteId } from './write-id.ts';

/** The options that the methods of a storage know. */
const CALL = ['signal'] as const;
const HEADERS_OF_OBJECT = [
  'contentType',
  'cacheControl',
  'contentDisposition',
  'visibility',
  'metadata',
] as const;
const WRITE = [
  ...CALL,
  ...HEADERS_OF_OBJECT,
  'onProgress',
  'maxSizeBytes',
  'sizeBytes',
  'digest',
  'writeId',
  'durability',
] as const;
const CREATE = [...WRITE, 'maxLength', 'onCandidate', 'onTaken'] as const;
const HEADERS = ['cacheControl', 'contentLanguage', 'contentEncoding'] as const;
const URL_OPTIONS = ['expiresInSeconds', 'download', 'disposition', 'contentType', ...HEADERS] as const;

const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  create: CREATE,
  copy: [...CREATE, 'ifMatch'],
  move: [...CREATE, 'ifMatch'],
  replace: [...WRITE, 'ifMatch', 'settles'],
  open: [...CALL, 'start', 'endExclusive', 'ifMatch', 'verify', 'maxBytes'],
  info: CALL,
  exists: CALL,
  settle: CALL,
  undo: [...CALL, 'keepObject', 'durability'],
  delete: [...CALL, 'ifMatch'],
  deleteMany: CALL,
  list: [...CALL, 'after', 'pageSize', 'limit', 'details'],
  listdir: CALL,
  url: URL_OPTIONS,
  signedUrl: URL_OPTIONS,
  signedUpload: [...URL_OPTIONS, 'maxBytes', 'exactBytes', 'digest', 'replaces'],
  uploaded: [...CALL, 'exactBytes'],
  begin: [
    ...CALL,
    ...HEADERS_OF_OBJECT,
    'byClients',
    'partDigest',
    'writeId',
    'maxLength',
    'onCandidate',
    'onTaken',
  ],
  writePart: [...CALL, 'onProgress', 'sizeBytes'],
  complete: CALL,
  signPart: [...CALL, 'expiresInSeconds', 'sizeBytes', 'digest'],
  listParts: CALL,
};

/** The options that every storage has. */
export const STORAGE_OPTIONS = ['names', 'retry', 'gzip', 'id', 'formerIds', 'urls'] as const;

/**
 * @param alone there are no others, of a class that adds some and checks them.
 * @throws `invalid-argument` for an option that there is not.
 */
export function checkStorageOptions(options: StorageOptions, alone: boolean): void {
  const about = { operation: 'construct' };
  if (alone) knownOptions(options, STORAGE_OPTIONS, { ...about, what: 'Storage' });
  const { retry, gzip } = options;
  if (retry !== undefined)
    knownOptions(retry, ['attempts', 'baseDelayMs', 'maxDelayMs'], { ...about, what: 'retry' });
  if (typeof gzip === 'object') knownOptions(gzip, ['contentTypes'], { ...about, what: 'gzip' });
}

/** @throws `invalid-argument` for an option that the operation does not have. */
export function checkCallOptions(operation: string, options: unknown, storage: string, name: string): void {
  const known = OPTIONS[operation];
  if (known && !hasOnly(options, known))
    knownOptions(options, known, { what: operation, operation, storage, ...(name === '' ? {} : { name }) });
}

/** The range that reading options ask for; undefined for all. */
export function rangeOf(start: number | undefined, endExclusive: number | undefined): ByteRange | undefined {
  if (endExclusive !== undefined) return { start: start === undefined ? 0 : start, endExclusive };
  return start === undefined ? undefined : { start };
}

/** @throws `invalid-argument` for an id that is no text, or empty. */
export function checkIdentity({ id, formerIds = [] }: StorageOptions): void {
  if (id !== undefined && !isId(id))
    throw new FieldFileError(
      'invalid-argument',
      `A storage's id must be a text without control characters, not ${JSON.stringify(id)}.`,
      { operation: 'construct' },
    );
  if (!Array.isArray(formerIds) || !formerIds.every(isId))
    throw new FieldFileError(
      'invalid-argument',
      `formerIds must be a list of ids, such as ["s3:media"], not ${JSON.stringify(formerIds)}.`,
      { operation: 'construct' },
    );
}

const isId = (value: unknown): boolean =>
  typeof value === 'string' && value !== '' && !UNSAFE_IN_HEADERS.test(value);

/** @throws `invalid-argument` for a range that is negative, reversed or no whole numbers. */
export function checkRange(range: ByteRange | undefined, name: string): void {
  if (!range) return;
  const { start, endExclusive = Number.MAX_SAFE_INTEGER } = range;
  if (
    !Number.isSafeInteger(start) ||
    !Number.isSafeInteger(endExclusive) ||
    start < 0 ||
    endExclusive < start
  )
    throw new FieldFileError(
      'invalid-argument',
      `The range ${start}–${range.endExclusive ?? ''} of ${JSON.stringify(name)} is none: give 0 ≤ start ≤ endExclusive in whole bytes.`,
      { name },
    );
}

/** @throws `invalid-argument` for an expiry that is no whole number of seconds above 0, or what is unsafe in a header. */
export function checkUrl(options: UrlOptions): void {
  const { expiresInSeconds, contentType, download, disposition } = options;
  checkExpiry(expiresInSeconds);
  checkAscii('contentType', contentType);
  checkHeader('download', download);
  for (const header of HEADERS) checkAscii(header, options[header]);
  if (disposition !== undefined && disposition !== 'inline' && disposition !== 'attachment')
    throw new FieldFileError(
      'invalid-argument',
      `disposition must be 'inline' or 'attachment', not ${JSON.stringify(disposition)}.`,
    );
}

/** @throws `invalid-argument` for an expiry that is no whole number of seconds above 0. */
export function checkExpiry(expiresInSeconds: number): void {
  if (Number.isSafeInteger(expiresInSeconds) && expiresInSeconds >= 1) return;
  throw new FieldFileError(
    'invalid-argument',
    `expiresInSeconds must be a whole number of seconds above 0, not ${expiresInSeconds}.`,
  );
}

/** @throws `invalid-argument` as {@link checkUrl}, or for a length that is no whole number of bytes. */
export function checkUpload(options: SignedUploadOptions): void {
  checkUrl(options);
  for (const option of ['maxBytes', 'exactBytes'] as const) {
    const value = options[option];
    if (value === undefined || (Number.isSafeInteger(value) && value >= 0)) continue;
    throw new FieldFileError('invalid-argument', `${option} must be a whole number of bytes, not ${value}.`);
  }
  const { digest, replaces, exactBytes } = options;
  if (replaces !== undefined) checkTarget(replaces);
  if (replaces !== undefined && exactBytes === undefined)
    throw new FieldFileError('invalid-argument', 'An upload that replaces an object needs exactBytes.');
  if (digest !== undefined && !(typeof digest?.algorithm === 'string' && typeof digest.base64 === 'string'))
    throw new FieldFileError(
      'invalid-argument',
      "digest must be like { algorithm: 'sha256', base64: '…' }, as ObjectInfo has it.",
    );
}

/** @throws `invalid-argument` for what is no version and write id. */
export function checkTarget(target: unknown): void {
  const { version, writeId } = (target ?? {}) as { readonly [option: string]: unknown };
  if (typeof version === 'string' && version !== '' && typeof writeId === 'string' && writeId !== '') return;
  throw new FieldFileError(
    'invalid-argument',
    'replaces must be { version, writeId }: the version that `create` gave, and a write id of the upload.',
  );
}

/** What an upload form replaces by the name of the client's file, wherever it stands in a field. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: it is what the services look for
const FORM_VARIABLE = '${filename}';

/**
 * @throws `invalid-argument` for a name that whoever uploads would choose, although it is signed. Refused for every kind of
 * upload, since which one it is depends on options and services.
 *
 * @param texts what else becomes a field of the form.
 */
export function checkUploadName(name: string, texts: object): void {
  for (const value of [name, ...Object.values(texts)])
    if (typeof value === 'string' && value.includes(FORM_VARIABLE))
      throw new FieldFileError(
        'invalid-argument',
        `${JSON.stringify(value)} has ${FORM_VARIABLE}, which an upload form replaces by the name of the client's file: give what it is to be.`,
        { operation: 'signedUpload', name },
      );
}

/**
 * What of the caller's options goes to the backend.
 *
 * @throws `invalid-argument` for text that would become a header and has control characters, and what `onTaken` or
 * `visibility` cannot be; `unsupported` for a `visibility` that the backend does not keep.
 */
export function writeOptions(options: SaveObjectOptions, backend: Backend): WriteOptions {
  const { contentType, cacheControl, contentDisposition, visibility, metadata, onTaken, durability } =
    options;
  checkVisibility(visibility, backend);
  if (durability !== undefined && durability !== 'whole' && durability !== 'process-crash')
    throw new FieldFileError(
      'invalid-argument',
      `durability must be 'whole' or 'process-crash', not ${JSON.stringify(durability)}.`,
    );
  if (onTaken !== undefined && onTaken !== 'rename' && onTaken !== 'fail')
    throw new FieldFileError(
      'invalid-argument',
      `onTaken must be 'rename' or 'fail', not ${JSON.stringify(onTaken)}.`,
    );
  checkAscii('contentType', contentType);
  checkAscii('cacheControl', cacheControl);
  checkAscii('contentDisposition', contentDisposition);
  for (const [key, value] of Object.entries(metadata ?? {})) checkMetadata(key, value);
  const { signal, onProgress, writeId = newWriteId() } = options;
  return {
    writeId,
    ...(signal ? { signal } : {}),
    ...(onProgress ? { onProgress } : {}),
    ...(contentType === undefined ? {} : { contentType }),
    ...(cacheControl === undefined ? {} : { cacheControl }),
    ...(contentDisposition === undefined ? {} : { contentDisposition }),
    ...(visibility === undefined ? {} : { visibility }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(durability === undefined ? {} : { durability }),
  };
}

function checkVisibility(visibility: unknown, { id, keepsVisibility }: Backend): void {
  if (visibility === undefined) return;
  if (visibility !== 'public' && visibility !== 'private')
    throw new FieldFileError(
      'invalid-argument',
      `visibility must be 'public' or 'private', not ${JSON.stringify(visibility)}.`,
    );
  if (!keepsVisibility)
    throw new FieldFileError(
      'unsupported',
      `Storage "${id}" keeps no visibility of each object: leave it out, and decide by bucket, container or server.`,
    );
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
const UNSAFE_IN_HEADERS = /[\u0000-\u001f\u007f]/;

/** @throws `invalid-argument`, naming the option, for text of a storage's `objectParameters` that no header can have. */
export function checkObjectParameters(parameters: object): void {
  for (const [name, value] of Object.entries(parameters))
    if (typeof value === 'string') checkAscii(`objectParameters.${name}`, value);
}

/** A header has no other characters that every service and signature agrees on. */
function checkAscii(option: string, value: unknown): void {
  checkHeader(option, value);
  if (value === undefined || /^[ -~]*$/.test(String(value))) return;
  const fix = /contentDisposition$/i.test(option)
    ? "give a file name in RFC 8187's form, filename*=UTF-8''…"
    : 'a header has none beyond ASCII';
  throw new FieldFileError('invalid-argument', `${option}: ${JSON.stringify(value)} must be ASCII: ${fix}.`);
}

/** Any text, but for a name that an object of JavaScript does not keep. */
function checkMetadata(key: string, value: unknown): void {
  if (key === '__proto__')
    throw new FieldFileError('invalid-argument', 'metadata: "__proto__" is no key that could be read back.');
  checkHeader(`metadata ${key}`, value);
}

function checkHeader(header: string, value: unknown): void {
  if (value === undefined || (typeof value === 'string' && isText(header + value))) return;
  throw new FieldFileError(
    'invalid-argument',
    `${JSON.stringify(header)}: ${JSON.stringify(value)} must be text without control characters and halves of characters.`,
  );
}

const isText = (text: string): boolean => !UNSAFE_IN_HEADERS.test(text) && text.isWellFormed();
