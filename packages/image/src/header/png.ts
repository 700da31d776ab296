import { type ByteReader, type Reading, textAt } from './byte-reader.ts';
import { EXIF_BYTES, exifOrientation } from './exif.ts';
import { type ImageHeader, shownHeader } from './image-header.ts';

/** The largest size that the format allows. */
const MOST = 0x7fffffff;
const CHECKSUM_BYTES = 4;

/**
 * The first chunk has the size; one before the pixels may have the orientation.
 *
 * @see https://www.w3.org/TR/png-3/#5Chunk-layout
 */
export function* pngHeader(reader: ByteReader): Reading<ImageHeader | undefined> {
  const first = yield* reader.take(16);
  if (first.getUint32(0) !== 13 || textAt(first, 4, 4) !== 'IHDR') return undefined;
  const [width, height] = [first.getUint32(8), first.getUint32(12)];
  yield* reader.skip(5 + CHECKSUM_BYTES);
  if (width > MOST || height > MOST) return undefined;
  for (;;) {
    const chunk = yield* reader.take(8);
    const [length, type] = [chunk.getUint32(0), textAt(chunk, 4, 4)];
    if (type === 'IDAT') return shownHeader('png', width, height);
    if (type === 'IEND' || length > MOST) return undefined;
    if (type === 'eXIf')
      return shownHeader('png', width, height, exifOrientation(yield* reader.takeUpTo(length, EXIF_BYTES)));
    yield* reader.skip(length + CHECKSUM_BYTES);
  }
}
