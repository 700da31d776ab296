import { type ByteReader, type Reading, textAt } from './byte-reader.ts';
import { EXIF_BYTES, exifOrientation } from './exif.ts';
import { type ImageHeader, shownHeader } from './image-header.ts';

const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;
const APP1 = 0xe1;

/**
 * Walks the segments to the frame header, behind whatever metadata.
 *
 * @see ITU-T T.81, annex B.
 */
export function* jpegHeader(reader: ByteReader): Reading<ImageHeader | undefined> {
  let orientation: number | undefined;
  for (;;) {
    const marker = yield* nextMarker(reader);
    if (marker === START_OF_SCAN || marker === END_OF_IMAGE) return undefined;
    if (standsAlone(marker)) continue;
    const length = (yield* reader.take(2)).getUint16(0) - 2;
    if (length < 0) return undefined;
    if (isFrame(marker)) {
      if (length < 5) return undefined;
      const frame = yield* reader.take(5);
      return shownHeader('jpeg', frame.getUint16(3), frame.getUint16(1), orientation);
    }
    if (marker === APP1 && orientation === undefined) {
      const segment = yield* reader.takeUpTo(length, EXIF_BYTES);
      if (textAt(segment, 0, 6) === 'Exif\0\0') orientation = exifOrientation(segment);
    } else yield* reader.skip(length);
  }
}

/** Behind fill bytes, and whatever else stands between segments: decoders pass over it. */
function* nextMarker(reader: ByteReader): Reading<number> {
  let byte = yield* reader.byte();
  for (;;) {
    while (byte !== 0xff) byte = yield* reader.byte();
    while (byte === 0xff) byte = yield* reader.byte();
    if (byte !== 0) return byte;
  }
}

/** Markers that no length follows: restarts, and one for arithmetic coding. */
const standsAlone = (marker: number): boolean => (marker >= 0xd0 && marker <= 0xd8) || marker === 0x01;

/** Frames of every kind; the three others in that range are tables. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
