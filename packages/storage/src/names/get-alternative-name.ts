const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const LENGTH = 7;
/** The largest multiple of 62 in a byte: a remainder of what lies above would favour the first letters. */
const UNBIASED = 256 - (256 % ALPHABET.length);

/**
 * Another name for an occupied one, as in Django: `("a", ".txt")` → `"a_x7Kp2Qz.txt"`. The seven characters are
 * cryptographically random, 62⁷ ≈ 3.5 × 10¹² possibilities, so that they cannot be guessed either.
 */
export function getAlternativeName(root: string, extension: string): string {
  let suffix = '';
  while (suffix.length < LENGTH) {
    for (const byte of globalThis.crypto.getRandomValues(new Uint8Array(LENGTH * 2))) {
      if (byte < UNBIASED && suffix.length < LENGTH) suffix += ALPHABET[byte % ALPHABET.length];
    }
  }
  return `${root}_${suffix}${extension}`;
}
