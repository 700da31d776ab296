import { type ByteReader, EndOfContent, type Reading, textAt } from './byte-reader.ts';
import { EXIF_BYTES, exifOrientation } from './exif.ts';
import { type ImageHeader, type Orientation, shownHeader } from './image-header.ts';

const HAS_EXIF = 0x08;

/** Behind `RIFF`, the length and `WEBP`. @see https://www.rfc-editor.org/rfc/rfc9649 */
export function* webpHeader(reader: ByteReader): Reading<ImageHeader | undefined> {
  const chunk = yield* reader.take(8);
  const [type, length] = [textAt(chunk, 0, 4), chunk.getUint32(4, true)];
  if (type === 'VP8 ' && length >= 10) return lossy(yield* reader.take(10));
  if (type === 'VP8L' && length >= 5) return lossless(yield* reader.take(5));
  if (type !== 'VP8X' || length < 10) return undefined;
  const extended = yield* reader.take(10);
  yield* reader.skip(padded(length) - 10);
  const [width, height] = [uint24(extended, 4) + 1, uint24(extended, 7) + 1];
  const orientation = extended.getUint8(0) & HAS_EXIF ? yield* orientationBehind(reader) : 1;
  return shownHeader('webp', width, height, orientation);
}

function lossy(frame: DataView): ImageHeader | undefined {
  const isKeyFrame = (frame.getUint8(0) & 1) === 0;
  if (!isKeyFrame || uint24(frame, 3) !== 0x2a019d) return undefined;
  return shownHeader('webp', frame.getUint16(6, true) & 0x3fff, frame.getUint16(8, true) & 0x3fff);
}

function lossless(frame: DataView): ImageHeader | undefined {
  if (frame.getUint8(0) !== 0x2f) return undefined;
  const bits = frame.getUint32(1, true);
  return shownHeader('webp', (bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1);
}

/** Metadata stands behind the pixels. */
function* orientationBehind(reader: ByteReader): Reading<Orientation> {
  try {
    for (;;) {
      const chunk = yield* reader.take(8);
      const length = chunk.getUint32(4, true);
      if (textAt(chunk, 0, 4) === 'EXIF') return exifOrientation(yield* reader.takeUpTo(length, EXIF_BYTES));
      yield* reader.skip(padded(length));
    }
  } catch (error) {
    if (error instanceof EndOfContent) return 1;
    throw error;
  }
}

const padded = (length: number): number => length + (length % 2);

const uint24 = (view: DataView, at: number): number =>
  view.getUint16(at, true) + view.getUint8(at + 2) * 0x10000;
