import type { ImageFormat } from '../header/image-header.ts';

/** The usual type of each format first, then other words for it. */
const TYPES: Readonly<Record<ImageFormat, readonly [string, ...string[]]>> = {
  jpeg: ['image/jpeg', 'image/jpg', 'image/pjpeg'],
  png: ['image/png', 'image/apng', 'image/x-png'],
  gif: ['image/gif'],
  webp: ['image/webp'],
  avif: ['image/avif', 'image/avif-sequence'],
  heic: ['image/heic', 'image/heif', 'image/heic-sequence', 'image/heif-sequence'],
  tiff: ['image/tiff', 'image/x-tiff'],
};

const EXTENSIONS: Readonly<Record<ImageFormat, readonly string[]>> = {
  jpeg: ['.jpg', '.jpeg', '.jpe', '.jfif'],
  png: ['.png', '.apng'],
  gif: ['.gif'],
  webp: ['.webp'],
  avif: ['.avif', '.avifs'],
  heic: ['.heic', '.heif'],
  tiff: ['.tif', '.tiff'],
};

const FORMATS = Object.keys(TYPES) as ImageFormat[];

/** What every browser shows. */
export const SHOWN_TYPES: readonly string[] = ['jpeg', 'png', 'gif', 'webp', 'avif'].map(
  format => TYPES[format as ImageFormat][0],
);

/** The formats that an `accept` list takes. */
export function acceptedFormats(accept: readonly string[]): ReadonlySet<ImageFormat> {
  const entries = accept.map(entry => entry.trim().toLowerCase());
  return new Set(FORMATS.filter(format => entries.some(entry => isOf(format, entry))));
}

const isOf = (format: ImageFormat, entry: string): boolean =>
  entry === '*/*' ||
  entry === 'image/*' ||
  TYPES[format].includes(entry) ||
  EXTENSIONS[format].includes(entry);

/** Whether content of that format may be stored with that type. One that says nothing is none of another format. */
export function mayHaveType(format: ImageFormat, contentType: string | undefined): boolean {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  return (
    type === undefined || type === '' || type === 'application/octet-stream' || TYPES[format].includes(type)
  );
}
