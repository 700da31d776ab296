import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import type { Content } from '@fieldfile/storage';
import { pattern, patternBytes } from '../content/pattern.ts';
import { failingStream } from '../content/streams.ts';
import { recordCalls } from '../faults/record-calls.ts';
import { rejection, rejectsWith, sameBytes, turn } from './assertions.ts';
import type { StorageBehaviour, StorageContext } from './context.ts';

/**
 * Defects that were seen in other libraries, where no other behaviour would show them. The whole list, and which
 * behaviour guards against which, is in `test/defects.ts`.
 */
export const rivals: readonly StorageBehaviour[] = [
  {
    id: 'S10.open-missing',
    title: 'D7: opening what is not there rejects itself, not a body later on',
    async run(context) {
      for (const options of [{}, { start: 5 }, { start: 0, endExclusive: 0 }])
        await rejectsWith('not-found', context.storage.open('absent.bin', options));
    },
  },
  {
    id: 'S8.one-listing',
    title: 'D9: a listing in many pages is asked for once, not anew for every page',
    async run(context) {
      for (let index = 0; index < 60; index++) await context.storage.replace(`d-${index % 4}/${index}`, '.');
      const { backend, calls } = recordCalls(context.backend);
      let count = 0;
      for await (const _ of context.around(backend).list('', { pageSize: 7 })) count++;
      assert.equal(count, 60);
      assert.deepEqual(
        calls.map(({ operation }) => operation),
        ['list'],
      );
    },
  },
  {
    id: 'S1.body-with-its-metadata',
    title: "D10: nobody reads one writer's bytes with what was kept of another's",
    async run(context) {
      const { storage } = context;
      const sizeOf = (seed: number): number => 20_000 + seed;
      const write = (seed: number): Promise<unknown> =>
        storage.replace('same.bin', patternBytes(seed, sizeOf(seed)), {
          ...(context.settings.lacks.metadata === undefined ? { metadata: { seed: `${seed}` } } : {}),
        });
      await write(0);
      let isWriting = true;
      const read = async (): Promise<void> => {
        while (isWriting) {
          await using opened = await storage.open('same.bin');
          const bytes = await opened.bytes();
          const seed = opened.info.sizeBytes - sizeOf(0);
          sameBytes(bytes, patternBytes(seed, sizeOf(seed)));
          if (context.settings.lacks.metadata === undefined)
            assert.equal(opened.info.metadata.seed, `${seed}`);
        }
      };
      const reading = Promise.all([read(), read(), read()]);
      const writer = async (first: number): Promise<void> => {
        for (let seed = first; seed <= 30; seed += 2) await write(seed);
      };
      await Promise.all([writer(1), writer(2)]).finally(() => {
        isWriting = false;
      });
      await reading;
    },
  },
  {
    id: 'S3.failing-source',
    title:
      'D12: a source that fails half-way rejects at once with its error, harms nobody else and leaves nothing',
    async run(context) {
      const uncaught: unknown[] = [];
      const note = (error: unknown): void => void uncaught.push(error);
      process.on('uncaughtExceptionMonitor', note);
      try {
        for (const sizeBytes of [1000, context.settings.largeBytes])
          for (const make of Object.values(FAILING)) await failsCleanly(context, sizeBytes, make);
        await turn();
      } finally {
        process.off('uncaughtExceptionMonitor', note);
      }
      assert.deepEqual(uncaught, []);
    },
  },
  {
    id: 'S3.own-memory',
    title:
      'D15: the bytes of an empty or short object are an array of that size and no view into other memory',
    async run(context) {
      for (const sizeBytes of [0, 1, 3, 1000]) {
        await context.storage.replace('a.bin', patternBytes(1, sizeBytes));
        const bytes = await context.read('a.bin');
        sameBytes(bytes, patternBytes(1, sizeBytes));
        assert.equal(bytes.buffer.byteLength, sizeBytes);
      }
    },
  },
  {
    id: 'S10.delete-more-than-a-batch',
    title: 'D20: more names are deleted at once than the provider takes in one batch',
    async run(context) {
      const names = Array.from({ length: 1001 }, (_, index) => `d/${index}.txt`);
      const there = [0, 255, 256, 257, 999, 1000].map(index => names[index] as string);
      for (const name of [...there, 'kept.txt']) await context.storage.save(name, '.');
      assert.deepEqual([...(await context.storage.deleteMany(names))], []);
      await context.holds(['kept.txt']);
    },
  },
];

type MakeFailing = (chunks: Iterable<Uint8Array>, error: Error) => Content;

const FAILING: Readonly<Record<string, MakeFailing>> = {
  'an iterable': failingStream,
  'a Node stream': (chunks, error) => Readable.from(failingStream(chunks, error)),
  'a web stream': (chunks, error) => {
    const iterator = chunks[Symbol.iterator]();
    return new ReadableStream<Uint8Array>({
      pull(controller) {
        const { done, value } = iterator.next();
        if (done) controller.error(error);
        else controller.enqueue(value);
      },
    });
  },
};

async function failsCleanly(context: StorageContext, sizeBytes: number, make: MakeFailing): Promise<void> {
  const { storage } = context;
  await storage.replace('old.bin', 'old');
  const error = new Error('the source broke');
  for (const declared of [{}, { sizeBytes: 2 * sizeBytes }])
    for (const call of [
      () => storage.save('new.bin', make(pattern(1, sizeBytes), error), declared),
      () => storage.replace('old.bin', make(pattern(1, sizeBytes), error), declared),
    ])
      assert.equal(await rejection(context.soon<unknown>(call(), 'the failing write')), error);
  assert.equal(await context.text('old.bin'), 'old');
  await context.holds(['old.bin']);
  await context.nothingLeft();
}
