import { contentTypeOf } from '@fieldfile/storage/backend';

/** `text/css` of `Text/CSS; charset=utf-8`; undefined for a type that says nothing. */
export function essenceOf(type: string | undefined): string | undefined {
  const essence = type?.split(';', 1)[0]?.trim().toLowerCase();
  return essence === '' || essence === 'application/octet-stream' ? undefined : essence;
}

/** What an extension says of a file: its type, that there is none, or that nobody here knows it. */
export type ExtensionType = { readonly type: string } | 'none' | 'unknown';

export function extensionType(fileName: string): ExtensionType {
  const type = contentTypeOf(fileName);
  if (type !== undefined) return { type };
  return fileName.includes('.') ? 'unknown' : 'none';
}

/** Types that browsers run scripts of, or as, when they are opened on a site: never meant by `image/*` or `text/*`. */
export function isScriptable(type: string): boolean {
  return type.endsWith('+xml') || /(?:java|ecma|j|live)script/.test(type) || SCRIPTABLE.has(type);
}

const SCRIPTABLE: ReadonlySet<string> = new Set([
  'text/html',
  'text/xml',
  'application/xml',
  'text/xsl',
  'text/xml-external-parsed-entity',
  'application/xml-external-parsed-entity',
  'application/xml-dtd',
  'text/cache-manifest',
  'text/x-component',
  'text/x-server-parsed-html',
  'application/hta',
  'application/postscript',
  'application/x-shockwave-flash',
  'message/rfc822',
  'multipart/related',
  'multipart/x-mixed-replace',
]);

/** Whether text is what a file of this type begins with. */
export const isTextual = (type: string): boolean =>
  type.startsWith('text/') || isScriptable(type) || TEXTUAL.has(type);

const TEXTUAL: ReadonlySet<string> = new Set([
  'application/json',
  'application/ld+json',
  'application/yaml',
  'application/rtf',
  'application/x-subrip',
  'application/jsonl',
  'application/x-ndjson',
  'application/manifest+json',
  'application/geo+json',
  'application/x-ipynb+json',
  'model/gltf+json',
  'application/sql',
  'application/toml',
  'application/vnd.apple.mpegurl',
  'application/x-tex',
  'model/obj',
  'model/mtl',
]);

/** Whether two of what a client says of one file (its type, its name) may be said of the same file. */
export function agree(one: string, other: string): boolean {
  const [left, right] = [usual(one), usual(other)];
  if (left === right || sameFamily(CLOSE, left, right)) return true;
  // Browsers call any text so that they have no type for.
  const text = left === 'text/plain' ? right : right === 'text/plain' ? left : undefined;
  return text !== undefined && isTextual(text) && !isScriptable(text);
}

/** Whether content that looks like `found` may be a file of that type: many formats are made of others. */
export function mayBe(type: string, found: string): boolean {
  return agree(type, found) || sameFamily(MADE_ALIKE, usual(type), usual(found));
}

/** The usual word for a type that has several. */
export const usual = (type: string): string => USUAL[type] ?? type;

const USUAL: Readonly<Record<string, string>> = {
  'image/jpg': 'image/jpeg',
  'image/pjpeg': 'image/jpeg',
  'image/x-png': 'image/png',
  'image/x-icon': 'image/vnd.microsoft.icon',
  'image/ico': 'image/vnd.microsoft.icon',
  'image/x-ms-bmp': 'image/bmp',
  'image/x-bmp': 'image/bmp',
  'image/x-tiff': 'image/tiff',
  'image/svg': 'image/svg+xml',
  'image/x-photoshop': 'image/vnd.adobe.photoshop',
  'audio/mp3': 'audio/mpeg',
  'audio/x-mp3': 'audio/mpeg',
  'audio/x-mpeg': 'audio/mpeg',
  'audio/wave': 'audio/wav',
  'audio/x-wav': 'audio/wav',
  'audio/vnd.wave': 'audio/wav',
  'audio/x-flac': 'audio/flac',
  'audio/x-aac': 'audio/aac',
  'audio/aacp': 'audio/aac',
  'audio/x-aiff': 'audio/aiff',
  'audio/mid': 'audio/midi',
  'audio/x-midi': 'audio/midi',
  'audio/m4a': 'audio/mp4',
  'audio/x-m4a': 'audio/mp4',
  'audio/opus': 'audio/ogg',
  'video/x-m4v': 'video/mp4',
  'video/x-msvideo': 'video/vnd.avi',
  'video/avi': 'video/vnd.avi',
  'video/msvideo': 'video/vnd.avi',
  'video/x-matroska': 'video/matroska',
  'text/x-markdown': 'text/markdown',
  'text/comma-separated-values': 'text/csv',
  'text/x-csv': 'text/csv',
  'application/csv': 'text/csv',
  'text/json': 'application/json',
  'application/ndjson': 'application/x-ndjson',
  'application/x-jsonlines': 'application/jsonl',
  'application/jsonlines': 'application/jsonl',
  'application/x-mpegurl': 'application/vnd.apple.mpegurl',
  'audio/x-mpegurl': 'application/vnd.apple.mpegurl',
  'audio/mpegurl': 'application/vnd.apple.mpegurl',
  'application/sla': 'model/stl',
  'application/vnd.ms-pki.stl': 'model/stl',
  'application/x-parquet': 'application/vnd.apache.parquet',
  'application/x-sql': 'application/sql',
  'text/x-sql': 'application/sql',
  'application/x-java-archive': 'application/java-archive',
  'application/acad': 'image/vnd.dwg',
  'image/x-dwg': 'image/vnd.dwg',
  'text/yaml': 'application/yaml',
  'text/x-yaml': 'application/yaml',
  'application/x-yaml': 'application/yaml',
  'text/rtf': 'application/rtf',
  'text/x-vcard': 'text/vcard',
  'text/directory': 'text/vcard',
  'text/xml': 'application/xml',
  'application/javascript': 'text/javascript',
  'application/x-javascript': 'text/javascript',
  'application/x-pdf': 'application/pdf',
  'application/x-zip': 'application/zip',
  'application/x-zip-compressed': 'application/zip',
  'application/x-gzip': 'application/gzip',
  'application/bzip2': 'application/x-bzip2',
  'application/x-7z': 'application/x-7z-compressed',
  'application/tar': 'application/x-tar',
  'application/x-rar': 'application/vnd.rar',
  'application/x-rar-compressed': 'application/vnd.rar',
  'application/font-woff': 'font/woff',
  'application/x-font-woff': 'font/woff',
  'application/font-woff2': 'font/woff2',
  'application/x-font-ttf': 'font/ttf',
  'application/x-font-otf': 'font/otf',
};

/** Types that systems mix up. None of them is scriptable. */
const CLOSE: readonly ReadonlySet<string>[] = [
  new Set(['image/png', 'image/apng']),
  new Set(['image/heic', 'image/heif', 'image/heic-sequence', 'image/heif-sequence']),
  new Set(['audio/mp4', 'video/mp4']),
  new Set(['audio/webm', 'video/webm']),
  new Set(['audio/ogg', 'video/ogg', 'application/ogg']),
  new Set(['text/csv', 'application/vnd.ms-excel']),
  new Set(['application/gzip', 'application/x-tar', 'application/x-compressed-tar', 'application/x-gtar']),
  new Set([
    'application/json',
    'application/jsonl',
    'application/x-ndjson',
    'application/ld+json',
    'application/manifest+json',
    'application/geo+json',
    'application/x-ipynb+json',
    'model/gltf+json',
  ]),
  new Set(['font/ttf', 'font/otf', 'application/font-sfnt', 'font/sfnt', 'font/collection']),
];

/** Formats that begin alike, so that the first bytes need not tell one from another. */
const MADE_ALIKE: readonly ReadonlySet<string>[] = [
  new Set(['image/tiff', 'image/x-canon-cr2', 'image/x-adobe-dng', 'image/x-nikon-nef', 'image/x-sony-arw']),
  new Set([
    'audio/mp4',
    'video/mp4',
    'video/quicktime',
    'video/3gpp',
    'video/3gpp2',
    'image/avif',
    'image/heic',
    'image/heif',
  ]),
  new Set(['audio/webm', 'video/webm', 'video/matroska', 'audio/matroska']),
  new Set(['video/mpeg', 'video/mp1s', 'video/mp2p', 'video/mp2t', 'audio/mpeg']),
  new Set(['audio/x-ms-wma', 'video/x-ms-wmv', 'audio/x-ms-asf', 'video/x-ms-asf', 'application/vnd.ms-asf']),
  new Set(['audio/mpeg', 'audio/aac', 'audio/flac']), // each may begin with an ID3 tag
  new Set([
    'application/x-cfb',
    'application/msword',
    'application/vnd.ms-excel',
    'application/vnd.ms-powerpoint',
    'application/vnd.ms-outlook',
    'application/vnd.visio',
  ]),
];

function sameFamily(families: readonly ReadonlySet<string>[], one: string, other: string): boolean {
  return (
    families.some(family => family.has(one) && family.has(other)) ||
    (families === MADE_ALIKE && isZip(one) && isZip(other))
  );
}

/** Office's formats, books and packages are archives of this kind. */
const isZip = (type: string): boolean =>
  type === 'application/zip' ||
  type.endsWith('+zip') ||
  type === 'model/3mf' ||
  /^application\/(?:vnd\.(?:openxmlformats|oasis\.opendocument|ms-[\w.]+\.macroenabled|apple\.(?!mpegurl)|android\.package|google-earth\.kmz|visio|ms-xpsdocument)|java-archive|x-xpinstall)/.test(
    type,
  );
