import { expect, test } from 'vitest';
import { type Part, partsOf } from './parts.ts';

const MEBI = 1024 * 1024;

async function* chunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += size) yield bytes.subarray(start, start + size);
}

test.each([
  [0, 1],
  [1, 1],
  [1000, 1],
  [99_999, 7777],
  [100_000, 100_000],
  [100_001, 8192],
  [300_000, 300_000],
  [300_000, 9000],
  [250_000, 3],
])(
  '%i bytes in chunks of %i become parts of one size, in order, the last one told',
  async (size, chunkSize) => {
    const bytes = Buffer.from(Array.from({ length: size }, (_, index) => index % 251));
    const parts: Part[] = await Array.fromAsync(partsOf(chunks(bytes, chunkSize), 100_000));
    expect(Buffer.concat(parts.flatMap(part => part.chunks)).equals(bytes)).toBe(true);
    expect(parts.map(part => part.isLast)).toEqual(parts.map((_, index) => index === parts.length - 1));
    for (const part of parts) {
      expect(part.sizeBytes).toBe(part.chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0));
      if (!part.isLast) expect(part.sizeBytes).toBe(100_000);
    }
    expect(parts).toHaveLength(Math.max(1, Math.ceil(size / 100_000)));
  },
);

test('large chunks of the only part are handed on without being copied', async () => {
  const bytes = new Uint8Array(MEBI);
  const [part] = await Array.fromAsync(partsOf(chunks(bytes, MEBI / 4), MEBI));
  for (const chunk of part?.chunks ?? []) expect(chunk.buffer).toBe(bytes.buffer);
});

test('small chunks are gathered, so that a part is no list of crumbs', async () => {
  const parts = await Array.fromAsync(partsOf(chunks(new Uint8Array(3 * MEBI), 10), 2 * MEBI));
  expect(parts).toHaveLength(2);
  for (const part of parts) expect(part.chunks.length).toBeLessThan(40);
});

test('several parts take turns in the memory of those that were sent, and keep theirs until then', async () => {
  const bytes = Buffer.from(Array.from({ length: 10 * MEBI }, (_, index) => (index / MEBI) % 251));
  const seen = new Set<ArrayBufferLike>();
  let waiting: Part | undefined;
  let sent = 0;
  for await (const part of partsOf(chunks(bytes, 100_000), MEBI)) {
    for (const one of waiting ? [waiting, part] : [part]) {
      const start = one === part ? sent : sent - MEBI;
      expect(Buffer.concat(one.chunks).equals(bytes.subarray(start, start + one.sizeBytes))).toBe(true);
    }
    for (const { buffer } of part.chunks) seen.add(buffer);
    waiting?.release();
    waiting = part;
    sent += part.sizeBytes;
  }
  expect(sent).toBe(bytes.byteLength);
  expect(seen.size).toBeLessThanOrEqual(6);
});
