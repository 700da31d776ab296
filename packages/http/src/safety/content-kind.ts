/** What a browser makes of a file that it is given to show. */
export type ContentKind = 'image' | 'media' | 'text' | 'pdf' | 'other';

/** Images that are pixels and nothing else. SVG is a document that can run scripts. */
const RASTER: ReadonlySet<string> = new Set(
  ['apng', 'avif', 'bmp', 'gif', 'heic', 'heif', 'jpeg', 'jpg', 'jxl', 'pjpeg', 'png', 'tiff', 'webp']
    .concat(['vnd.microsoft.icon', 'x-icon', 'x-ms-bmp', 'x-png'])
    .map(subtype => `image/${subtype}`),
);

/** By the essence of the type. */
export function contentKind(essence: string): ContentKind {
  if (RASTER.has(essence)) return 'image';
  // Browsers take every type that ends so for a document, `video/x+xml` too.
  if (/^(?:audio|video)\//.test(essence) && !essence.endsWith('+xml')) return 'media';
  if (essence === 'text/plain') return 'text';
  return essence === 'application/pdf' ? 'pdf' : 'other';
}

/** Kinds that are shown in the browser unless the application says otherwise. */
export const isShownByDefault = (kind: ContentKind): boolean =>
  kind === 'image' || kind === 'media' || kind === 'text';

/** Documents that can run scripts. */
export const isDocument = (essence: string): boolean =>
  essence === 'text/html' || essence === 'text/xml' || essence === 'text/xsl' || /[/+]xml$/.test(essence);

/**
 * What a page takes in as a part of itself by its address: scripts and style sheets. As an attachment they would still run
 * in a page of the same origin, and pass `script-src 'self'`.
 */
export const isPagePart = (essence: string): boolean =>
  essence === 'text/css' ||
  /^(?:text|application)\/(?:x-)?(?:java|ecma|j|live)script(?:1\.\d)?$/.test(essence);
