import { ByteReader, EndOfContent, type Reading, textAt } from './byte-reader.ts';
import { gifHeader } from './gif.ts';
import { heifHeader } from './heif.ts';
import type { ImageHeader } from './image-header.ts';
import { jpegHeader } from './jpeg.ts';
import { pngHeader } from './png.ts';
import { tiffHeader } from './tiff.ts';
import { webpHeader } from './webp.ts';

/** The box with the brands of a file of the HEIF family. */
const MOST_BRAND_BYTES = 4096;

/**
 * Format and size of an image, read out of its header while its bytes pass. It reads as far as it must and keeps none of
 * them: metadata of any length may stand before the size. No pixel is decoded, so a header that lies is believed. Then the
 * content is closed, as by a loop that is left.
 *
 * @returns undefined for what is no image, of another format, or cut off before its size.
 *
 * @example
 * ```ts
 * import { createReadStream } from 'node:fs';
 * import { readImageHeader } from '@fieldfile/image';
 *
 * const header = await readImageHeader(createReadStream('photo.jpg'));
 * console.log(header?.format, header?.width, header?.height);
 * ```
 */
export async function readImageHeader(content: AsyncIterable<Uint8Array>): Promise<ImageHeader | undefined> {
  const chunks = content[Symbol.asyncIterator]();
  try {
    return await headerAmong(chunks);
  } finally {
    await chunks.return?.();
  }
}

/** The same of chunks that somebody else goes on with. */
export async function headerAmong(
  chunks: Pick<AsyncIterator<Uint8Array>, 'next'>,
): Promise<ImageHeader | undefined> {
  const reader = new ByteReader();
  const reading = headerOf(reader);
  let step = reading.next();
  try {
    while (!step.done) {
      const { done, value } = await chunks.next();
      if (!done) reader.give(value);
      step = done ? reading.throw(new EndOfContent()) : reading.next();
    }
    return step.value;
  } catch (error) {
    if (error instanceof EndOfContent) return undefined;
    throw error;
  }
}

function* headerOf(reader: ByteReader): Reading<ImageHeader | undefined> {
  const two = yield* reader.take(2);
  if (two.getUint16(0) === 0xffd8) return yield* jpegHeader(reader);
  const start = joined(two, yield* reader.take(4));
  const text = textAt(start, 0, 6);
  if (text === 'GIF87a' || text === 'GIF89a') return yield* gifHeader(reader);
  const eight = joined(start, yield* reader.take(2));
  if (textAt(eight, 0, 8) === '\x89PNG\r\n\x1a\n') return yield* pngHeader(reader);
  if (/^(?:II[*+]\0|MM\0[*+])/.test(text)) return yield* tiffHeader(reader, eight);
  if (text.startsWith('RIFF'))
    return textAt(yield* reader.take(4), 0, 4) === 'WEBP' ? yield* webpHeader(reader) : undefined;
  const brandBytes = eight.getUint32(0) - 8;
  const isHeif = textAt(eight, 4, 4) === 'ftyp' && brandBytes >= 8 && brandBytes <= MOST_BRAND_BYTES;
  return isHeif ? yield* heifHeader(reader, yield* reader.take(brandBytes)) : undefined;
}

function joined(one: DataView, other: DataView): DataView {
  const bytes = new Uint8Array(one.byteLength + other.byteLength);
  bytes.set(new Uint8Array(one.buffer), 0);
  bytes.set(new Uint8Array(other.buffer), one.byteLength);
  return new DataView(bytes.buffer);
}
