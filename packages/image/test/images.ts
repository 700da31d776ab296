import sharp, { type Sharp } from 'sharp';

/** Formats that images can be made of here. */
export const MADE_FORMATS = ['jpeg', 'png', 'gif', 'webp', 'avif', 'tiff'] as const;
export type MadeFormat = (typeof MADE_FORMATS)[number];

/** An image with something to see in it. */
export function picture(width: number, height: number, channels: 3 | 4 = 3): Sharp {
  const pixels = Buffer.alloc(width * height * channels);
  for (let at = 0; at < pixels.length; at++) pixels[at] = (at * 7 + Math.floor(at / width)) % 256;
  return sharp(pixels, { raw: { width, height, channels } });
}

export interface ImageOptions {
  readonly width?: number;
  readonly height?: number;
  /** EXIF's 1 to 8. */
  readonly orientation?: number;
}

/** An image file of that format. */
export async function image(
  format: MadeFormat,
  options: ImageOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const { width = 8, height = 4, orientation } = options;
  const made = picture(width, height);
  if (orientation !== undefined) made.withMetadata({ orientation });
  return new Uint8Array(await made.toFormat(format).toBuffer());
}

/** JPEG with segments of metadata before the size. */
export async function jpegWithMetadata(bytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const plain = await image('jpeg');
  const segments: Uint8Array[] = [];
  for (let left = bytes; left > 0; left -= 65_000) {
    const length = Math.min(left, 65_000);
    segments.push(Uint8Array.of(0xff, 0xe2, (length + 2) >> 8, (length + 2) & 0xff), new Uint8Array(length));
  }
  return new Uint8Array(Buffer.concat([plain.subarray(0, 2), ...segments, plain.subarray(2)]));
}

/** Chunks of a length. */
export async function* chunked(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

/** An image of one colour. */
export async function plainImage(
  width: number,
  height: number,
  background: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const made = sharp({ create: { width, height, channels: 3, background } });
  return new Uint8Array(await made.png().toBuffer());
}
