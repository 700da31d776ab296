import assert from 'node:assert/strict';
import type { Backend } from '@fieldfile/storage';
import type { ReadResult } from '@fieldfile/storage/backend';
import { pattern, patternBytes, patternStream } from '../content/pattern.ts';
import { before, halfWay, reset } from '../faults/fault.ts';
import { intercept } from '../faults/intercept.ts';
import { rejection, rejectsWith, sameBytes, turn } from './assertions.ts';
import { collectGarbage } from './collect-garbage.ts';
import type { StorageBehaviour } from './context.ts';

/** S3: streams are read once, not ahead of what can be sent, and never held in memory whole. */
export const streams: readonly StorageBehaviour[] = [
  {
    id: 'S3.read-once',
    title: 'reads a one-shot stream once, whatever fails',
    async run(context) {
      for (const method of ['save', 'replace'] as const) {
        let opened = 0;
        const stream = {
          async *[Symbol.asyncIterator]() {
            opened += 1;
            yield* pattern(1, 200_000);
          },
        };
        const storage = context.faulty([
          { on: 'create', fault: halfWay(100_000) },
          { on: 'replace', fault: halfWay(100_000) },
        ]);
        await rejection(storage[method]('a.bin', stream), 'a write whose connection was reset');
        assert.equal(opened, 1, `a one-shot stream was opened ${opened} times`);
        await context.holds([]);
      }
    },
  },
  {
    id: 'S3.never-resent',
    title: 'never stores the rest of a stream whose beginning is lost',
    async run(context) {
      const storage = context.faulty([{ on: 'create', nth: 1, fault: halfWay(100_000) }]);
      await rejection(storage.save('a.bin', patternStream(1, 200_000)), 'a write whose connection was reset');
      await context.holds([]);
    },
  },
  {
    id: 'S3.refused-before-reading',
    title: 'asks for another name before it consumes a stream',
    async run(context) {
      await context.storage.save('a.bin', 'taken');
      let opened = 0;
      const stream = {
        async *[Symbol.asyncIterator]() {
          opened += 1;
          yield* pattern(1, context.settings.largeBytes);
        },
      };
      const name = await context.storage.save('a.bin', stream);
      assert.equal(opened, 1);
      sameBytes(await context.read(name), patternBytes(1, context.settings.largeBytes));
    },
  },
  {
    id: 'S3.unread-is-retried',
    title: 'tries again with a stream that nobody has read from yet',
    async run(context) {
      const storage = context.faulty([
        { on: 'create', nth: 1, fault: before() },
        { on: 'replace', nth: 1, fault: before(reset) },
      ]);
      await storage.save('a.bin', patternStream(1, 10_000));
      await storage.replace('b.bin', patternStream(1, 10_000));
      sameBytes(await context.read('a.bin'), patternBytes(1, 10_000));
      sameBytes(await context.read('b.bin'), patternBytes(1, 10_000));
    },
  },
  {
    id: 'S3.replayed',
    title: 'sends content that can be read again from its beginning after a reset',
    async run(context) {
      const storage = context.faulty([
        { on: 'create', nth: 1, fault: halfWay(50_000) },
        { on: 'replace', nth: 1, fault: halfWay(50_000) },
      ]);
      const bytes = patternBytes(1, 100_000);
      assert.equal(await storage.save('a.bin', bytes), 'a.bin');
      await storage.replace('b.bin', new Blob([bytes]));
      sameBytes(await context.read('a.bin'), bytes);
      sameBytes(await context.read('b.bin'), bytes);
      await context.holds(['a.bin', 'b.bin']);
    },
  },
  {
    id: 'S3.back-pressure-write',
    title: 'does not read far ahead of what it has sent',
    async run(context) {
      const { largeBytes, maxAheadBytes } = context.settings;
      let taken = 0;
      let sent = 0;
      let ahead = 0;
      async function* counted(): AsyncGenerator<Uint8Array> {
        for (const chunk of pattern(1, largeBytes)) {
          taken += chunk.byteLength;
          ahead = Math.max(ahead, taken - sent);
          yield chunk;
        }
      }
      await context.storage.save('a.bin', counted(), {
        onProgress: ({ sentBytes }) => {
          sent = sentBytes;
        },
      });
      assert.ok(ahead <= maxAheadBytes, `${ahead} bytes were taken before they were reported as sent`);
    },
  },
  {
    id: 'S3.back-pressure-read',
    title: 'fetches nothing ahead of a reader that pauses',
    async run(context) {
      const { largeBytes } = context.settings;
      await context.storage.save('a.bin', patternStream(1, largeBytes));
      let fetched = 0;
      const counting = countReads(context.backend, bytes => {
        fetched += bytes;
      });
      await using opened = await context.around(counting).open('a.bin');
      const reader = opened.stream.getReader();
      const first = (await reader.read()).value?.byteLength ?? 0;
      for (let turns = 0; turns < 20; turns++) await turn();
      assert.ok(fetched <= first, `${fetched} bytes were fetched for a reader that took ${first}`);
      await reader.cancel();
    },
  },
  {
    id: 'S3.flat-memory',
    title: 'writes and reads any size in flat memory',
    async run(context) {
      context.needs('flat-memory');
      const { hugeBytes, maxGrowthBytes } = context.settings;
      const chunk = patternBytes(1, 1024 * 1024);
      collectGarbage();
      const start = process.memoryUsage.rss();
      let peak = start;
      const sample = (): void => {
        peak = Math.max(peak, process.memoryUsage.rss());
      };
      async function* huge(): AsyncGenerator<Uint8Array> {
        for (let given = 0; given < hugeBytes; given += chunk.byteLength) {
          sample();
          yield chunk;
        }
      }
      await context.storage.save('huge.bin', huge());
      let read = 0;
      await using opened = await context.storage.open('huge.bin');
      for await (const piece of opened.stream) {
        read += piece.byteLength;
        sample();
      }
      assert.equal(read, Math.ceil(hugeBytes / chunk.byteLength) * chunk.byteLength);
      const growth = peak - start;
      assert.ok(growth <= maxGrowthBytes, `memory grew by ${growth} bytes for ${hugeBytes} bytes of content`);
    },
  },
  {
    id: 'S3.max-size',
    title: 'stops at maxSizeBytes, known beforehand or not, and leaves nothing',
    async run(context) {
      const options = { maxSizeBytes: 1000 };
      await rejectsWith('too-large', context.storage.save('a.bin', patternBytes(1, 1001), options));
      await rejectsWith('too-large', context.storage.save('a.bin', patternStream(1, 200_000), options));
      await context.holds([]);
      await context.storage.save('a.bin', patternStream(1, 1000), options);
      await rejectsWith('too-large', context.storage.replace('a.bin', patternStream(2, 1001), options));
      sameBytes(await context.read('a.bin'), patternBytes(1, 1000));
    },
  },
];

/** A backend that tells of every chunk that was taken from the body of a read. */
function countReads(backend: Backend, onChunk: (bytes: number) => void): Backend {
  return intercept(backend, {
    list: (_call, proceed) => proceed(),
    async call({ operation }, proceed) {
      const answer = await proceed();
      if (operation !== 'read') return answer;
      const result = answer as ReadResult;
      const reader = result.stream.getReader();
      const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
        {
          async pull(controller) {
            const { done, value } = await reader.read();
            if (done) return controller.close();
            onChunk(value.byteLength);
            controller.enqueue(value);
          },
          cancel: reason => reader.cancel(reason),
        },
        { highWaterMark: 0 },
      );
      return { info: result.info, stream: body, [Symbol.asyncDispose]: () => result[Symbol.asyncDispose]() };
    },
  });
}
