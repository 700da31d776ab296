import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32c } from './crc32c.ts';
import { crc32cByTables } from './crc32c-tables.ts';

const both = [
  ['by vectors', crc32c],
  ['by tables', crc32cByTables],
] as const;

const digestOf = (start: typeof crc32c, chunks: readonly Uint8Array[]): string => {
  const running = start();
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
  for (const [, start] of both)
    expect(Buffer.from(digestOf(start, [bytes]), 'base64').toString('hex')).toBe(hex);
});

test.each(both)(
  '%s it is the same however the bytes are cut and wherever in memory they lie',
  (_how, start) => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.nat({ max: 200 }),
        fc.nat({ max: 7 }),
        (bytes, cut, shift) => {
          const shifted = new Uint8Array(bytes.length + shift).subarray(shift);
          shifted.set(bytes);
          const one = Array.from(bytes, byte => Uint8Array.of(byte));
          const whole = digestOf(start, one);
          expect(digestOf(start, [shifted])).toBe(whole);
          expect(digestOf(start, [shifted.subarray(0, cut), shifted.subarray(cut)])).toBe(whole);
        },
      ),
    );
  },
);

test('by vectors it is what it is by tables, however the bytes are cut, and of two digests in turn', () => {
  const sizes = fc.oneof(fc.nat(40), fc.nat(5000), fc.nat(300_000));
  fc.assert(
    fc.property(fc.array(fc.tuple(sizes, fc.integer({ min: 1 })), { maxLength: 5 }), parts => {
      const chunks = parts.map(([size, seed]) =>
        Uint8Array.from({ length: size }, (_, at) => Math.imul(at + seed, 2_654_435_761) >>> 24),
      );
      const other = crc32c();
      const digest = crc32c();
      for (const chunk of chunks) {
        digest.update(chunk);
        other.update(chunk.subarray(1));
      }
      expect(digest.base64()).toBe(digestOf(crc32cByTables, chunks));
      expect(other.base64()).toBe(
        digestOf(
          crc32cByTables,
          chunks.map(chunk => chunk.subarray(1)),
        ),
      );
    }),
    { numRuns: 50 },
  );
});

test('tells after every chunk what it is until then', () => {
  const digest = crc32c();
  digest.update(new Uint8Array(3000));
  const before = digest.base64();
  expect(digest.base64()).toBe(before);
  digest.update(new Uint8Array(1));
  expect(digest.base64()).toBe(digestOf(crc32cByTables, [new Uint8Array(3001)]));
});
