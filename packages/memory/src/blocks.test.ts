import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Blocks } from './blocks.ts';

test('gives back any range of what was appended, in whatever chunks', () => {
  const chunks = fc.array(fc.integer({ min: 0, max: 150_000 }), { maxLength: 5 });
  fc.assert(
    fc.property(chunks, fc.nat(300_000), fc.nat(300_000), (sizes, start, length) => {
      const blocks = new Blocks();
      const all = Buffer.concat(sizes.map((size, index) => Buffer.alloc(size, index + 1)));
      for (const [index, size] of sizes.entries()) blocks.append(new Uint8Array(size).fill(index + 1));
      blocks.trim();
      expect(blocks.sizeBytes).toBe(all.byteLength);
      const end = Math.min(start + length, all.byteLength);
      const pieces: Uint8Array[] = [];
      for (let position = start; position < end; ) {
        const piece = blocks.copyFrom(position, end);
        pieces.push(piece);
        position += piece.byteLength;
      }
      expect(Buffer.concat(pieces).equals(all.subarray(start, end))).toBe(true);
    }),
    { numRuns: 50 },
  );
});
