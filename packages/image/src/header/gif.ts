import type { ByteReader, Reading } from './byte-reader.ts';
import { type ImageHeader, shownHeader } from './image-header.ts';

/** The size of the canvas, which all frames share. @see https://www.w3.org/Graphics/GIF/spec-gif89a.txt section 18 */
export function* gifHeader(reader: ByteReader): Reading<ImageHeader | undefined> {
  const screen = yield* reader.take(7);
  return shownHeader('gif', screen.getUint16(0, true), screen.getUint16(2, true));
}
