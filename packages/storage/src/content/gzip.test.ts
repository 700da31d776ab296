import { getEventListeners } from 'node:events';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gunzipped, gzipped } from './gzip.ts';
import { toSource } from './to-source.ts';

const context = { operation: 'save' };
const explain = (cause: unknown): Error => new Error('explained', { cause });

async function* chunksOf(...chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

const whole = async (chunks: AsyncIterable<Uint8Array>): Promise<Buffer> =>
  Buffer.concat(await Array.fromAsync(chunks));

test('what is compressed is what other programs decompress, and the other way round', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 20 }), async chunks => {
      const content = Buffer.concat(chunks);
      const source = gzipped(toSource(chunksOf(...chunks), context));
      expect(gunzipSync(await whole(source.open()))).toEqual(content);
      const packed = gzipSync(content);
      const pieces = chunksOf(packed.subarray(0, 5), packed.subarray(5));
      expect(await whole(gunzipped(pieces, explain))).toEqual(content);
    }),
  );
});

test('what can be read again can be compressed again', async () => {
  const source = gzipped(toSource('body { color: red }', context));
  expect(source).toMatchObject({ replayable: true });
  expect(source.sizeBytes).toBeUndefined();
  expect(await whole(source.open())).toEqual(await whole(source.open()));
});

test('takes no more than it gives', async () => {
  let pulled = 0;
  let returned = false;
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        pulled++;
        yield crypto.getRandomValues(new Uint8Array(65_536));
      }
    } finally {
      returned = true;
    }
  }
  const chunks = gzipped(toSource(endless(), context)).open()[Symbol.asyncIterator]();
  await chunks.next();
  await new Promise(resolve => setImmediate(resolve));
  expect(pulled).toBeLessThan(20);
  await chunks.return?.();
  await expect.poll(() => returned).toBe(true);
});

test('an error of the content passes as it is', async () => {
  const failure = new Error('the stream broke');
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(100_000);
    throw failure;
  }
  await expect(whole(gzipped(toSource(failing(), context)).open())).rejects.toBe(failure);
  await expect(whole(gunzipped(failingAfter(gzipSync('x').subarray(0, 5), failure), explain))).rejects.toBe(
    failure,
  );
});

async function* failingAfter(chunk: Uint8Array, failure: Error): AsyncGenerator<Uint8Array> {
  yield chunk;
  throw failure;
}

test('an abort ends it, also while the content keeps it waiting', async () => {
  const controller = new AbortController();
  async function* hanging(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(10);
    await new Promise(() => {});
  }
  const reading = whole(gzipped(toSource(hanging(), context)).open(controller.signal));
  controller.abort();
  await expect(reading).rejects.toMatchObject({ code: 'aborted' });
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
});

test.each([
  ['no gzip at all', Buffer.from('body { color: red }')],
  ['half of it', gzipSync(crypto.getRandomValues(new Uint8Array(50_000))).subarray(0, 25_000)],
  ['a damaged checksum', Uint8Array.from(gzipSync('body { color: red }')).fill(0, -8, -4)],
  ['half of the second member', Buffer.concat([gzipSync('one'), gzipSync('two').subarray(0, 12)])],
  ['something else after it', Buffer.concat([gzipSync('one'), Buffer.from('<html>')])],
])('%s is explained', async (_what, packed) => {
  await expect(whole(gunzipped(chunksOf(packed), explain))).rejects.toThrow('explained');
});

test('members one after another are read as one, wherever the chunks part them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 50 }),
      async (members, step) => {
        const packed = Buffer.concat(members.map(member => gzipSync(member)));
        const pieces = Array.from({ length: Math.ceil(packed.length / step) }, (_, piece) =>
          packed.subarray(piece * step, (piece + 1) * step),
        );
        expect(await whole(gunzipped(chunksOf(...pieces), explain))).toEqual(Buffer.concat(members));
      },
    ),
  );
});

test('zeros after the last member, with which tapes are filled, say nothing', async () => {
  expect(`${await whole(gunzipped(chunksOf(gzipSync('one'), Buffer.alloc(100)), explain))}`).toBe('one');
});

test.each([
  ['no chunk', []],
  ['empty chunks', [Buffer.alloc(0), Buffer.alloc(0)]],
])('%s are no content', async (_what, chunks) => {
  expect(await whole(gunzipped(chunksOf(...chunks), explain))).toEqual(Buffer.alloc(0));
});

test('decompresses no more than is asked for', async () => {
  let pulled = 0;
  const bomb = gzipSync(Buffer.alloc(20_000_000));
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let offset = 0; offset < bomb.length; offset += 100) {
      pulled += 1;
      yield bomb.subarray(offset, offset + 100);
    }
  }
  const content = gunzipped(pieces(), explain);
  await content.next();
  await new Promise(resolve => setImmediate(resolve));
  expect(pulled).toBeLessThan(20);
  await content.return();
});
