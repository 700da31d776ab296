import type { ByteReader, Reading } from './byte-reader.ts';
import { type ImageHeader, shownHeader } from './image-header.ts';

const WIDTH = 256;
const HEIGHT = 257;
const ORIENTATION = 274;
/** More than any image has. */
const MOST_ENTRIES = 4096;

/** How much the parts of a directory take, in a file with offsets of 4 bytes, or of 8 (BigTIFF). */
interface Layout {
  readonly little: boolean;
  readonly big: boolean;
}

/**
 * The first directory, which may stand behind the pixels.
 *
 * @param signature the first eight bytes.
 * @see https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf section 2
 */
export function* tiffHeader(reader: ByteReader, signature: DataView): Reading<ImageHeader | undefined> {
  const little = signature.getUint8(0) === 0x49;
  const big = signature.getUint16(2, little) === 43;
  const start = big ? uint64(yield* reader.take(8), 0, little) : signature.getUint32(4, little);
  if (start < reader.position || !Number.isSafeInteger(start)) return undefined;
  yield* reader.skip(start - reader.position);
  const count = big ? uint64(yield* reader.take(8), 0, little) : (yield* reader.take(2)).getUint16(0, little);
  if (count > MOST_ENTRIES) return undefined;
  const entryBytes = big ? 20 : 12;
  const directory = yield* reader.take(count * entryBytes);
  const values = new Map<number, number>();
  for (let at = 0; at < directory.byteLength; at += entryBytes) {
    const value = valueAt(directory, at, { little, big });
    if (value !== undefined) values.set(directory.getUint16(at, little), value);
  }
  const [width = 0, height = 0] = [values.get(WIDTH), values.get(HEIGHT)];
  return shownHeader('tiff', width, height, values.get(ORIENTATION));
}

/** A whole number that stands in the entry itself. */
function valueAt(directory: DataView, at: number, { little, big }: Layout): number | undefined {
  const value = at + (big ? 12 : 8);
  const type = directory.getUint16(at + 2, little);
  if (type === 3) return directory.getUint16(value, little);
  if (type === 4) return directory.getUint32(value, little);
  return type === 16 && big ? uint64(directory, value, little) : undefined;
}

const uint64 = (view: DataView, at: number, little: boolean): number => Number(view.getBigUint64(at, little));
