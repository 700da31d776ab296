import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32c } from './crc32c.ts';

const digest = (...chunks: readonly Uint8Array[]): string => {
  const running = crc32c();
  for (const chunk of chunks) running.update(chunk);
  return running.base64();
};

// RFC 3720, appendix B.4, in the byte order of the providers.
test.each([
  ['32 zero bytes', new Uint8Array(32), '8a9136aa'],
  ['32 bytes of ones', new Uint8Array(32).fill(0xff), '62a8ab43'],
  ['32 growing bytes', Uint8Array.from({ length: 32 }, (_, index) => index), '46dd794e'],
  ['32 falling bytes', Uint8Array.from({ length: 32 }, (_, index) => 31 - index), '113fdb5c'],
  ['nine digits', new TextEncoder().encode('123456789'), 'e3069283'],
  ['nothing', new Uint8Array(), '00000000'],
])('the CRC-32C of %s', (_what, bytes, hex) => {
  expect(Buffer.from(digest(bytes), 'base64').toString('hex')).toBe(hex);
});

test('is the same however the bytes are cut and wherever in memory they lie', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.nat({ max: 200 }),
      fc.nat({ max: 7 }),
      (bytes, cut, shift) => {
        const shifted = new Uint8Array(bytes.length + shift).subarray(shift);
        shifted.set(bytes);
        const one = Array.from(bytes, byte => Uint8Array.of(byte));
        expect(digest(shifted)).toBe(digest(...one));
        expect(digest(shifted.subarray(0, cut), shifted.subarray(cut))).toBe(digest(...one));
      },
    ),
  );
});
