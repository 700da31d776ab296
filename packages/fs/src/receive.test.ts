import { randomBytes, randomInt } from 'node:crypto';
import type { Source } from '@fieldfile/storage';
import { expect, test } from 'vitest';
import { receive } from './receive.ts';

const MOST_CHUNK = 300_000;

/** A file whose calls take a while, and look at the bytes at their end. */
function slowFile() {
  const written: Buffer[] = [];
  let calls = 0;
  return {
    written,
    async append(chunks: readonly Uint8Array[]): Promise<void> {
      expect(++calls).toBe(1);
      for (let turns = randomInt(4); turns > 0; turns--) await new Promise(resolve => setImmediate(resolve));
      for (const chunk of chunks) written.push(Buffer.from(chunk));
      calls -= 1;
    },
  };
}

/** Chunks of any length, each in memory of its own. */
function source(bytes: Buffer, isInto: boolean): Source {
  let offset = 0;
  const next = (most: number): Buffer => {
    const chunk = Buffer.from(bytes.subarray(offset, offset + 1 + randomInt(most)));
    offset += chunk.byteLength;
    return chunk;
  };
  return {
    replayable: false,
    async *open() {
      while (offset < bytes.byteLength) yield next(MOST_CHUNK);
    },
    ...(isInto && {
      readInto: async memory => {
        const chunk = next(Math.min(MOST_CHUNK, memory.byteLength));
        memory.set(chunk);
        return chunk.byteLength;
      },
    }),
  };
}

test.each([false, true])(
  'contents that come in at once, in chunks of any length, are not mixed (into memory: %s)',
  async isInto => {
    const contents = Array.from({ length: 40 }, () => randomBytes(randomInt(3_000_000)));
    await Promise.all(
      contents.map(async bytes => {
        const file = slowFile();
        await receive(file, source(bytes, isInto), {});
        expect(Buffer.concat(file.written).equals(bytes)).toBe(true);
      }),
    );
  },
);

test('an abort ends what waits for a chunk, where it could be copied into memory, too', async () => {
  const stop = new AbortController();
  const asked = Promise.withResolvers<void>();
  const never = (): Promise<never> => {
    asked.resolve();
    return new Promise(() => {});
  };
  const source: Source = {
    replayable: false,
    async *open(signal) {
      asked.resolve();
      await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
      yield new Uint8Array();
    },
    readInto: never,
  };
  const received = receive(slowFile(), source, { signal: stop.signal });
  await asked.promise;
  stop.abort(new Error('given up'));
  await expect(received).rejects.toThrow('given up');
});
