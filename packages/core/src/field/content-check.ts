import { type Claim, refused } from './approved-type.ts';
import type { Detector } from './detector.ts';
import { essenceOf, isTextual, mayBe } from './media-type.ts';

/** Loaded with the first content that is looked into, as the library is that knows the types. */
export { firstBytes } from './first-bytes.ts';

/**
 * Holds the first bytes of a file against the type it was approved with.
 *
 * @throws `not-accepted` for content that is something else, as far as that type is one that can be recognised.
 */
export async function checkContent(
  claim: Claim,
  approved: string | undefined,
  bytes: Uint8Array,
  detector: Detector,
): Promise<void> {
  const type = essenceOf(approved);
  if (type === undefined) return;
  const found = essenceOf(await detector.detect(bytes));
  if (found !== undefined && mayBe(type, found)) return;
  const canTell = isTextual(type) ? found !== undefined : detector.types.some(known => mayBe(type, known));
  // A text may begin as a binary format does, with the letters BM or PK.
  if (!canTell || (isTextual(type) && isText(bytes))) return;
  throw refused(claim, found ?? (bytes.byteLength === 0 ? 'empty' : 'unknown'));
}

/** In whatever encoding that keeps ASCII: no control characters but those of texts. */
const isText = (bytes: Uint8Array): boolean =>
  bytes.every(byte => byte >= 0x20 || (byte >= 0x08 && byte <= 0x0d) || byte === 0x1b);
