import { Readable } from 'node:stream';
import { deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { bytes, content, drain, flow, freshContent, KIB, MIB } from './content.ts';

const SIZES = [0, 1, 64 * KIB, 2 * MIB + 100];

test.each(SIZES)('%i bytes are the same as streams of either kind and in memory', async size => {
  for (const made of [content(size), freshContent(size)]) {
    const fromNode = Buffer.concat(await made.node().toArray());
    const fromWeb = Buffer.from(await new Response(made.web()).arrayBuffer());
    expect([fromNode.equals(bytes(size)), fromWeb.equals(bytes(size))]).toEqual([true, true]);
  }
});

test('they cannot be compressed', () => {
  expect(deflateRawSync(bytes(MIB)).byteLength).toBeGreaterThan(MIB);
});

test('fresh content shares no memory between chunks, the other does', async () => {
  const buffers = async (readable: Readable): Promise<number> => {
    const chunks: Buffer[] = await readable.toArray();
    return new Set(chunks.map(chunk => chunk.buffer)).size;
  };
  expect(await buffers(content(MIB).node())).toBe(1);
  expect(await buffers(freshContent(MIB).node())).toBe(16);
});

test('both ways of reading to the end count every byte', async () => {
  expect(await drain(content(MIB + 1).node())).toBe(MIB + 1);
  expect(await flow(content(MIB + 1).node())).toBe(MIB + 1);
});

test('a body that breaks off is an error to both', async () => {
  const broken = (): Readable =>
    Readable.from(
      (async function* () {
        yield bytes(1);
        throw new Error('broken off');
      })(),
    );
  await expect(drain(broken())).rejects.toThrow('broken off');
  await expect(flow(broken())).rejects.toThrow('broken off');
});
