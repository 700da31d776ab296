import { runningDigest } from '@fieldfile/core/backend';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32c } from './crc32c.ts';

const digestOf = (digest: { update(chunk: Uint8Array): void; base64(): string }, chunks: Uint8Array[]) => {
  for (const chunk of chunks) digest.update(chunk);
  return digest.base64();
};

// RFC 3720, appendix B.4, in the byte order of the service.
test.each([
  ['32 zero bytes', new Uint8Array(32), '8a9136aa'],
  ['32 bytes of ones', new Uint8Array(32).fill(0xff), '62a8ab43'],
  ['nine digits', new TextEncoder().encode('123456789'), 'e3069283'],
  ['nothing', new Uint8Array(), '00000000'],
])('the CRC-32C of %s', (_what, bytes, hex) => {
  expect(Buffer.from(digestOf(crc32c(), [bytes]), 'base64').toString('hex')).toBe(hex);
});

test("is that of core's tables, however the bytes are cut, and of two digests in turn", () => {
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
      expect(digest.base64()).toBe(digestOf(runningDigest('crc32c'), chunks));
      expect(other.base64()).toBe(
        digestOf(
          runningDigest('crc32c'),
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
  expect(digest.base64()).toBe(digestOf(runningDigest('crc32c'), [new Uint8Array(3001)]));
});
