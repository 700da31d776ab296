import { textAt } from './byte-reader.ts';
import type { Orientation } from './image-header.ts';

/** As much as is looked at: the first directory stands at the beginning. */
export const EXIF_BYTES = 65_536;

const ORIENTATION = 0x0112;
const SHORT = 3;

/**
 * The orientation that EXIF data says; 1 where it says none.
 *
 * @param view with or without the six bytes that JPEG puts before it.
 * @see https://www.cipa.jp/std/documents/e/DC-X008-Translation-2019-E.pdf section 4.6.2
 */
export function exifOrientation(view: DataView): Orientation {
  const start = textAt(view, 0, 6) === 'Exif\0\0' ? 6 : 0;
  const order = textAt(view, start, 2);
  if ((order !== 'II' && order !== 'MM') || view.byteLength < start + 8) return 1;
  const little = order === 'II';
  const directory = start + view.getUint32(start + 4, little);
  if (directory + 2 > view.byteLength) return 1;
  const count = view.getUint16(directory, little);
  for (let entry = 0, at = directory + 2; entry < count && at + 12 <= view.byteLength; entry++, at += 12) {
    if (view.getUint16(at, little) !== ORIENTATION) continue;
    const value = view.getUint16(at + 2, little) === SHORT ? view.getUint16(at + 8, little) : 1;
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}
