import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Block, BlockReader, bodyOf } from './blocks.ts';

async function* chunksOf(lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  let next = 0;
  for (const length of lengths) yield Uint8Array.from({ length }, () => next++ % 251);
}

const bytesOf = ({ chunks }: Block): number[] => chunks.flatMap(chunk => [...chunk]);

test('blocks are of one size but the last, and bring every byte in order, whatever memory goes round', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 20 }),
      fc.integer({ min: 1, max: 30 }),
      async (lengths, blockSizeBytes) => {
        const reader = new BlockReader(chunksOf(lengths), blockSizeBytes);
        const total = lengths.reduce((sum, length) => sum + length, 0);
        const found: number[] = [];
        const sizes: number[] = [];
        for (let block = await reader.next(); block; block = await reader.next()) {
          sizes.push(block.sizeBytes);
          found.push(...bytesOf(block));
          block.release();
        }
        expect(found).toEqual(Array.from({ length: total }, (_, index) => index % 251));
        expect(sizes.slice(0, -1).every(size => size === blockSizeBytes)).toBe(true);
        expect(reader.isOver).toBe(true);
      },
    ),
  );
});

test('a block that has not arrived keeps its bytes, and the memory of one that has is used again', async () => {
  const reader = new BlockReader(chunksOf([40]), 10);
  const [first, second] = [await reader.next(), await reader.next()];
  const memory = second?.chunks[0]?.buffer;
  const third = await reader.next();
  expect(third?.chunks[0]?.buffer).not.toBe(memory);
  expect(second && bytesOf(second)).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
  first?.release();
  second?.release();
  const fourth = await reader.next();
  expect(fourth?.chunks[0]?.buffer).toBe(memory);
  expect(fourth && bytesOf(fourth)[0]).toBe(30);
});

test('a large block goes out in slices, each of which is a sign of life, and as often as it is asked for', async () => {
  const bytes = Buffer.alloc(3_000_000, 'the bytes of a block; ');
  let signs = 0;
  const body = bodyOf({ chunks: [bytes], sizeBytes: bytes.length, release() {} }, () => signs++);
  if (typeof body !== 'function') throw new Error('It is in one piece.');
  for (const expected of [6, 12]) {
    expect(Buffer.concat(await Array.fromAsync(body())).equals(bytes)).toBe(true);
    expect(signs).toBe(expected);
  }
});
