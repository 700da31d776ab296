import assert from 'node:assert/strict';
import type { Storage } from '@fieldfile/storage';
import { pattern, patternBytes, patternStream } from '../content/pattern.ts';
import { failingStream, hangingStream } from '../content/streams.ts';
import { before } from '../faults/fault.ts';
import { recordCalls } from '../faults/record-calls.ts';
import { withFaults } from '../faults/with-faults.ts';
import { noListeners, rejection, rejectsWith, sameBytes, turn } from './assertions.ts';
import type { StorageBehaviour } from './context.ts';

type SignalledCall = (storage: Storage, signal: AbortSignal) => Promise<unknown>;

/** Every call that takes a signal, on a storage that has `old.txt`. */
const CALLS: Readonly<Record<string, SignalledCall>> = {
  save: (storage, signal) => storage.save('new.txt', 'new', { signal }),
  async create(storage, signal) {
    const { name, writeId } = await storage.create('new.txt', 'new', { signal });
    await storage.settle(name, writeId, { signal });
  },
  replace: (storage, signal) => storage.replace('old.txt', 'new', { signal }),
  open: (storage, signal) => storage.open('old.txt', { signal }),
  info: (storage, signal) => storage.info('old.txt', { signal }),
  exists: (storage, signal) => storage.exists('old.txt', { signal }),
  delete: (storage, signal) => storage.delete('old.txt', { signal }),
  copy: (storage, signal) => storage.copy('old.txt', 'new.txt', { signal }),
  async list(storage, signal) {
    for await (const _ of storage.list('', { signal }));
  },
  listdir: (storage, signal) => storage.listdir('', { signal }),
};

/** S4: an abort ends what is under way, soon, and leaves nothing. */
export const abort: readonly StorageBehaviour[] = [
  ...Object.entries(CALLS).map(
    ([method, call]): StorageBehaviour => ({
      id: `S4.abort-before-${method}`,
      title: `does nothing on ${method}() with a signal that was aborted before`,
      async run(context) {
        await context.storage.save('old.txt', 'old');
        const reason = new Error('no longer wanted');
        const signal = AbortSignal.abort(reason);
        const error = await rejectsWith('aborted', context.soon(call(context.storage, signal), method));
        assert.equal(error.cause, reason);
        assert.equal(await context.text('old.txt'), 'old');
        await context.holds(['old.txt']);
        await noListeners(signal);
      },
    }),
  ),
  ...(['save', 'replace'] as const).map(
    (method): StorageBehaviour => ({
      id: `S4.abort-hanging-${method}`,
      title: `ends ${method}() of a stream that hangs, tells the stream, and leaves nothing`,
      async run(context) {
        await context.storage.save('old.bin', 'old');
        for (const head of [new Uint8Array(1000), patternBytes(1, context.settings.largeBytes)]) {
          const stream = hangingStream(head);
          const controller = new AbortController();
          const { signal } = controller;
          const name = method === 'save' ? 'new.bin' : 'old.bin';
          const writing: Promise<unknown> = context.storage[method](name, stream, { signal });
          await context.soon(Promise.race([stream.hanging, writing]), `${method}() reading its stream`);
          controller.abort();
          await rejectsWith('aborted', context.soon(writing, `an aborted ${method}()`));
          await context.soon(stream.stopped, 'telling the stream to stop');
          assert.equal(await context.text('old.bin'), 'old');
          await context.holds(['old.bin']);
          await context.nothingLeft();
          await noListeners(controller.signal);
        }
      },
    }),
  ),
  {
    id: 'S4.abort-flowing',
    title: 'stores nothing when the signal fires while bytes flow, even before the last one',
    async run(context) {
      const bytes = patternBytes(1, 200_000);
      for (const at of [1, bytes.byteLength]) {
        const controller = new AbortController();
        async function* stream(): AsyncGenerator<Uint8Array> {
          yield bytes.subarray(0, at);
          controller.abort();
          if (at < bytes.byteLength) yield bytes.subarray(at);
        }
        const saving = context.storage.save('a.bin', stream(), { signal: controller.signal });
        await rejectsWith('aborted', context.soon(saving, 'an aborted save()'));
        await context.holds([]);
        await noListeners(controller.signal);
      }
    },
  },
  {
    id: 'S4.abort-after',
    title: 'keeps what is stored when the signal fires afterwards',
    async run(context) {
      const controller = new AbortController();
      const { signal } = controller;
      const name = await context.storage.save('a.bin', patternStream(1, 10_000), { signal });
      await using opened = await context.storage.open(name);
      controller.abort();
      sameBytes(await opened.bytes(), patternBytes(1, 10_000));
      sameBytes(await context.read(name), patternBytes(1, 10_000));
    },
  },
  {
    id: 'S4.abort-read',
    title: 'ends a read whose signal fires half-way, by an error and not by an end',
    async run(context) {
      const { largeBytes } = context.settings;
      await context.storage.save('a.bin', patternStream(1, largeBytes));
      const controller = new AbortController();
      await using opened = await context.storage.open('a.bin', { signal: controller.signal });
      const reader = opened.stream.getReader();
      await reader.read();
      controller.abort();
      const rest = async (): Promise<void> => {
        while (!(await reader.read()).done);
      };
      await rejectsWith('aborted', context.soon(rest(), 'an aborted read'));
      await noListeners(controller.signal);
    },
  },
  {
    id: 'S4.abort-listing',
    title: 'ends a listing whose signal fires between pages',
    async run(context) {
      for (const name of ['a', 'b', 'c', 'd']) await context.storage.save(name, name);
      const controller = new AbortController();
      const listing = async (): Promise<void> => {
        for await (const _ of context.storage.list('', { signal: controller.signal, pageSize: 1 }))
          controller.abort();
      };
      await rejectsWith('aborted', context.soon(listing(), 'an aborted listing'));
      await noListeners(controller.signal);
    },
  },
  {
    id: 'S4.abort-between-attempts',
    title: 'stops trying again when the signal fires',
    async run(context) {
      const controller = new AbortController();
      const failsForever = withFaults(context.backend, [{ on: 'info', fault: before() }]);
      const { backend, calls } = recordCalls(failsForever);
      const storage = context.around(backend, {
        retry: { attempts: 1000, baseDelayMs: 3_600_000, maxDelayMs: 3_600_000 },
      });
      const asking = storage.info('a.txt', { signal: controller.signal });
      await turn();
      const made = calls.length;
      controller.abort();
      await rejectsWith('aborted', context.soon(asking, 'an aborted info()'));
      assert.equal(calls.length, made, 'it was tried again after the abort');
      await noListeners(controller.signal);
    },
  },
  {
    id: 'S4.no-listeners',
    title: 'leaves no listener on a signal that many operations share',
    async run(context) {
      const { signal } = new AbortController();
      await context.storage.save('old.txt', 'old');
      for (let round = 0; round < 5; round++) {
        for (const call of Object.values(CALLS)) {
          const result = await call(context.storage, signal).catch(error => error);
          if (result instanceof Error) throw result;
          if (isDisposable(result)) await result[Symbol.asyncDispose]();
          await noListeners(signal);
          if (!(await context.storage.exists('old.txt'))) await context.storage.save('old.txt', 'old');
        }
      }
      const failure = new Error('the stream broke');
      await rejection(context.storage.save('a.bin', failingStream(pattern(1, 100_000), failure), { signal }));
      await rejectsWith('not-found', context.storage.open('absent.txt', { signal }));
      await context.storage.save('b.bin', patternStream(1, context.settings.largeBytes), { signal });
      await noListeners(signal);
      {
        await using opened = await context.storage.open('b.bin', { signal });
        for await (const _ of opened.stream) break;
      }
      await noListeners(signal);
      for await (const { name } of context.storage.list('', { signal, pageSize: 1 })) if (name) break;
      await noListeners(signal);
    },
  },
  {
    id: 'S4.many-aborts',
    title: 'leaves nothing of many aborted uploads',
    async run(context) {
      const head = patternBytes(1, 1000);
      for (let upload = 0; upload < context.settings.abortedUploads; upload++) {
        const stream = hangingStream(head);
        const own = new AbortController();
        const saving = context.storage.save(`many/${upload}.bin`, stream, { signal: own.signal });
        await context.soon(Promise.race([stream.hanging, saving]), 'the upload');
        own.abort();
        await rejectsWith('aborted', context.soon(saving, 'an aborted upload'));
        await noListeners(own.signal);
      }
      await context.holds([]);
    },
  },
];

const isDisposable = (value: unknown): value is AsyncDisposable =>
  typeof value === 'object' && value !== null && Symbol.asyncDispose in value;
