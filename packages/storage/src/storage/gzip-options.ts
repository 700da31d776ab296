import { contentTypeOf } from '../content/content-type.ts';
import type { Source } from '../content/source.ts';
import { FieldFileError } from '../errors/field-file-error.ts';
import type { Backend, ObjectInfo, WriteOptions } from './backend.ts';
import type { GzipOptions } from './storage-options.ts';

/** As in django-storages. */
const COMPRESSED_TYPES = [
  'text/css',
  'text/javascript',
  'application/javascript',
  'application/x-javascript',
  'image/svg+xml',
];

/**
 * The types to compress; none without the option.
 *
 * @throws `unsupported` for a backend that could not tell later which objects are compressed.
 */
export function compressedTypes(
  { id, keepsContentEncoding }: Backend,
  gzip: boolean | GzipOptions | undefined,
): ReadonlySet<string> {
  if (!gzip) return new Set();
  if (!keepsContentEncoding)
    throw new FieldFileError(
      'unsupported',
      `Storage "${id}" keeps no content encoding, so nothing could be read back: leave out gzip.`,
      { operation: 'gzip', storage: id },
    );
  const { contentTypes = COMPRESSED_TYPES } = gzip === true ? {} : gzip;
  return new Set(contentTypes.map(essenceOf));
}

/** What goes to the backend: the content as it is, or compressed and marked as such. */
export async function asStored<Options extends WriteOptions>(
  source: Source,
  name: string,
  options: Options,
  compressed: ReadonlySet<string>,
): Promise<{ readonly source: Source; readonly options: Options }> {
  const type = options.contentType ?? contentTypeOf(name);
  if (type === undefined || !compressed.has(essenceOf(type))) return { source, options };
  const { gzipped } = await import('./compressed.ts');
  return { source: gzipped(source), options: { ...options, contentEncoding: 'gzip' } };
}

/** Codings that leave the bytes as they are: `aws-chunked` is of a transfer, and some services keep it. */
const PLAIN = ['', 'identity', 'aws-chunked'];

/**
 * Whether reading an object gives other bytes than those that are stored: they are compressed once, and by nothing else.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1.3
 */
export function isGzip({ contentEncoding = '' }: Pick<ObjectInfo, 'contentEncoding'>): boolean {
  const codings = contentEncoding.split(',').map(coding => coding.trim().toLowerCase());
  const [coding, ...more] = codings.filter(name => !PLAIN.includes(name));
  return (coding === 'gzip' || coding === 'x-gzip') && more.length === 0;
}

/** The length of what reading gives, where it is known. */
export const contentSize = (info: ObjectInfo): { readonly sizeBytes?: number } =>
  isGzip(info) ? {} : { sizeBytes: info.sizeBytes };

/** `text/css` of `text/css; charset=utf-8`. */
const essenceOf = (type: string): string => (type.split(';', 1)[0] ?? '').trim().toLowerCase();
