import {
  before,
  halfWay,
  type PlannedFault,
  recordCalls,
  refused,
  shortBody,
  withFaults,
} from '@fieldfile/conformance';
import { MemoryStorage } from '@fieldfile/memory';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FieldFileError } from '../errors/field-file-error.ts';
import type { Backend, ByteRange, ReadOptions, ReadResult } from './backend.ts';
import { Storage } from './storage.ts';

const CONTENT = 'The quick brown fox jumps over the lazy dog.';

const RETRY = { baseDelayMs: 0 };

async function fixture(...plan: readonly PlannedFault[]) {
  const memory = new MemoryStorage();
  await memory.save('a.txt', CONTENT);
  const { backend, calls } = recordCalls(memory.backend);
  const storage = new Storage(withFaults(backend, plan), { retry: RETRY });
  return { memory, storage, reads: () => calls.map(call => call.given[1] as ReadOptions) };
}

/** A backend of one object whose bodies are written by hand; counts those that are open. */
function handmade(bodies: readonly Pull[], sizeBytes = 4) {
  const { backend } = new MemoryStorage();
  const left = [...bodies];
  let open = 0;
  const info = { name: 'a.txt', sizeBytes, version: '1', lastModified: new Date(0), metadata: {} };
  const made: Backend = Object.assign(backend, {
    read: async (): Promise<ReadResult> => {
      open += 1;
      return {
        info: info as unknown as ReadResult['info'],
        stream: new ReadableStream(left.shift(), { highWaterMark: 0 }),
        async [Symbol.asyncDispose]() {
          open -= 1;
        },
      };
    },
  });
  return { storage: new Storage(made, { retry: RETRY }), open: () => open };
}

type Pull = Pick<UnderlyingDefaultSource<Uint8Array<ArrayBuffer>>, 'pull' | 'cancel'>;

const bytes = (count: number): Uint8Array<ArrayBuffer> => new Uint8Array(count).fill(7);

test('a reset at any byte, of any range, is resumed with the same version', async () => {
  const start = fc.nat({ max: CONTENT.length + 5 });
  await fc.assert(
    fc.asyncProperty(start, start, start, fc.boolean(), async (at, one, other, isOpen) => {
      const [low, high] = [Math.min(one, other), Math.max(one, other)];
      const range: ByteRange = isOpen ? { start: low } : { start: low, endExclusive: high };
      const { storage, reads, memory } = await fixture({ on: 'read', nth: 1, fault: halfWay(at) });
      await using opened = await storage.open('a.txt', range);
      const expected = CONTENT.slice(low, isOpen ? undefined : high);
      expect(await opened.text()).toBe(expected);
      expect(opened.info.sizeBytes).toBe(CONTENT.length);
      const { version } = await memory.info('a.txt');
      if (at >= expected.length) expect(reads()).toEqual([{ range }]);
      else
        expect(reads()).toEqual([
          { range },
          { range: { start: low + at, endExclusive: low + expected.length }, ifMatch: version },
        ]);
    }),
  );
});

test('a version that was asked for is asked for again', async () => {
  const { storage, memory, reads } = await fixture({ on: 'read', nth: 1, fault: halfWay(3) });
  const { version } = await memory.info('a.txt');
  await using opened = await storage.open('a.txt', { ifMatch: version });
  expect(await opened.text()).toBe(CONTENT);
  expect(reads().map(read => read.ifMatch)).toEqual([version, version]);
});

test('an object that was replaced meanwhile is a precondition, never a mixture', async () => {
  const { storage, memory } = await fixture({ on: 'read', nth: 1, fault: halfWay(3) });
  await using opened = await storage.open('a.txt');
  await memory.replace('a.txt', CONTENT.toUpperCase());
  await expect(opened.text()).rejects.toMatchObject({ code: 'precondition' });
});

test('a body that ends early is resumed, and an error when it always does', async () => {
  const once = await fixture({ on: 'read', nth: 1, fault: shortBody(5) });
  await using opened = await once.storage.open('a.txt');
  expect(await opened.text()).toBe(CONTENT);
  const always = await fixture({ on: 'read', fault: shortBody(5) });
  await using short = await always.storage.open('a.txt');
  await expect(short.bytes()).rejects.toMatchObject({
    code: 'integrity',
    operation: 'read',
    storage: always.storage.id,
    objectName: 'a.txt',
  });
  expect(always.reads()).toHaveLength(4);
});

test('a body that is longer than the object is an error, also when the excess is a chunk of its own', async () => {
  for (const chunks of [[5], [4, 1]]) {
    const left = [...chunks];
    const { storage, open } = handmade([{ pull: body => body.enqueue(bytes(left.shift() ?? 1)) }]);
    const opened = await storage.open('a.txt');
    await expect(opened.bytes()).rejects.toMatchObject({ code: 'integrity', retryable: false });
    expect(open()).toBe(0);
  }
});

test('a body is read to its end, so that its connection can be used again', async () => {
  let ended = false;
  const left = [bytes(4)];
  const { storage, open } = handmade([
    {
      pull(body) {
        const chunk = left.shift();
        if (chunk) return body.enqueue(chunk);
        ended = true;
        body.close();
      },
    },
  ]);
  expect(await (await storage.open('a.txt')).bytes()).toEqual(bytes(4));
  expect(ended).toBe(true);
  expect(open()).toBe(0);
});

test('a failure after the last byte is none', async () => {
  const { storage } = await fixture({ on: 'read', fault: halfWay(CONTENT.length) });
  await using opened = await storage.open('a.txt');
  expect(await opened.text()).toBe(CONTENT);
});

test('what cannot be resumed fails as it is, told what it is about', async () => {
  const { storage } = await fixture(
    { on: 'read', nth: 1, fault: halfWay(3) },
    { on: 'read', nth: 2, fault: before(refused) },
  );
  await using opened = await storage.open('a.txt');
  await expect(opened.text()).rejects.toMatchObject({
    code: 'permission',
    storage: storage.id,
    objectName: 'a.txt',
  });
  const failure = new Error('raw');
  const raw = handmade([{ pull: () => Promise.reject(failure) }]);
  await expect((await raw.storage.open('a.txt')).text()).rejects.toBe(failure);
  expect(raw.open()).toBe(0);
});

test('everything that was opened is disposed of, however the reading ends', async () => {
  const give = { pull: (body: ReadableStreamDefaultController) => body.enqueue(bytes(1)) };
  const ways: Record<string, (storage: Storage) => Promise<unknown>> = {
    unread: async storage => (await storage.open('a.txt'))[Symbol.asyncDispose](),
    cancelled: async storage => (await storage.open('a.txt')).stream.cancel(),
    'broken out of': async storage => {
      for await (const _ of (await storage.open('a.txt')).stream) break;
    },
    'half read': async storage => {
      await using opened = await storage.open('a.txt');
      await opened.stream.getReader().read();
    },
    'disposed of twice': async storage => {
      await using opened = await storage.open('a.txt');
      await opened[Symbol.asyncDispose]();
    },
    'impossible to verify': storage => storage.open('a.txt', { verify: true }).catch(() => {}),
  };
  for (const [way, end] of Object.entries(ways)) {
    const { storage, open } = handmade([give]);
    await end(storage);
    expect(open(), way).toBe(0);
  }
});

test('disposing ends the body too, and a reader of it gets an error and no new connection', async () => {
  let cancelled = false;
  const { storage, open } = handmade([
    {
      cancel: () => {
        cancelled = true;
      },
    },
  ]);
  const opened = await storage.open('a.txt');
  const pending = opened.stream.getReader().read();
  await opened[Symbol.asyncDispose]();
  await expect(pending).rejects.toMatchObject({ code: 'aborted', objectName: 'a.txt' });
  expect(cancelled).toBe(true);
  expect(open()).toBe(0);
});

test('disposing while a read is resumed leaves nothing open', async () => {
  const memory = new MemoryStorage();
  await memory.save('a.txt', CONTENT);
  const gate = Promise.withResolvers<void>();
  const again = Promise.withResolvers<void>();
  let reads = 0;
  let open = 0;
  const inner = memory.backend.read.bind(memory.backend);
  const backend: Backend = withFaults(
    Object.assign(memory.backend, {
      async read(...given: Parameters<Backend['read']>): Promise<ReadResult> {
        if (++reads === 2) {
          again.resolve();
          await gate.promise;
        }
        const result = await inner(...given);
        open += 1;
        return {
          ...result,
          async [Symbol.asyncDispose]() {
            open -= 1;
          },
        };
      },
    }),
    [{ on: 'read', nth: 1, fault: halfWay(3) }],
  );
  const opened = await new Storage(backend, { retry: RETRY }).open('a.txt');
  const reading = opened.text();
  await again.promise;
  await opened[Symbol.asyncDispose]();
  gate.resolve();
  await expect(reading).rejects.toMatchObject({ code: 'aborted' });
  expect(open).toBe(0);
});

test('an abort ends a read between chunks, also when more is at hand', async () => {
  const { storage, open } = handmade([{ pull: body => body.enqueue(bytes(1)) }]);
  const controller = new AbortController();
  const opened = await storage.open('a.txt', { signal: controller.signal });
  const reader = opened.stream.getReader();
  await reader.read();
  controller.abort();
  await expect(reader.read()).rejects.toMatchObject({
    code: 'aborted',
    storage: storage.id,
    objectName: 'a.txt',
  });
  expect(open()).toBe(0);
});

test('bytes() and text() of a body that was begun are refused, not filled up with zeros', async () => {
  const { storage } = await fixture();
  await using opened = await storage.open('a.txt');
  const reader = opened.stream.getReader();
  await expect(opened.bytes()).rejects.toMatchObject({ code: 'content-consumed' });
  await reader.read();
  reader.releaseLock();
  await expect(opened.text()).rejects.toMatchObject({ code: 'content-consumed' });
});

test('verifies the whole body against a digest, also across a reset', async () => {
  const { storage, memory } = await fixture({ on: 'read', nth: [1, 3], fault: halfWay(9) });
  const { info } = await memory.create('b.txt', CONTENT, { digest: 'sha256' });
  const digest = info.digest;
  if (!digest) throw new Error('create() tells no digest');
  await using opened = await storage.open('a.txt', { verify: digest });
  expect(await opened.text()).toBe(CONTENT);
  await memory.replace('a.txt', CONTENT.replace('lazy', 'hazy'));
  await using other = await storage.open('a.txt', { verify: digest });
  await expect(other.text()).rejects.toMatchObject({ code: 'integrity' });
});

test('a digest that is not kept, and one of a part, cannot be verified', async () => {
  const { storage, reads } = await fixture();
  await expect(storage.open('a.txt', { verify: true })).rejects.toMatchObject({ code: 'unsupported' });
  const ranged = storage.open('a.txt', { verify: true, start: 1 });
  await expect(ranged).rejects.toMatchObject({ code: 'invalid-argument', storage: storage.id });
  expect(reads()).toHaveLength(1);
});

/** The first bodies are given at once, or fail; then the memory's own. */
async function atOnce(...firsts: readonly (() => Promise<Uint8Array<ArrayBuffer>>)[]) {
  const memory = new MemoryStorage();
  await memory.save('a.txt', CONTENT);
  const left = [...firsts];
  const inner = memory.backend.read.bind(memory.backend);
  const log = { bodies: 0, open: 0, ranges: [] as (ByteRange | undefined)[] };
  const backend: Backend = Object.assign(memory.backend, {
    async read(...given: Parameters<Backend['read']>): Promise<ReadResult> {
      const result = await inner(...given);
      const bytes = left.shift();
      log.open += 1;
      log.ranges.push(given[1]?.range);
      return {
        info: result.info,
        get stream() {
          log.bodies += 1;
          return result.stream;
        },
        ...(bytes ? { bytes } : {}),
        async [Symbol.asyncDispose]() {
          log.open -= 1;
          await result[Symbol.asyncDispose]();
        },
      };
    },
  });
  return { storage: new Storage(backend, { retry: RETRY }), log };
}

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

test('what a backend gives at once is read without a stream', async () => {
  const { storage, log } = await atOnce(async () => utf8(CONTENT));
  const opened = await storage.open('a.txt');
  expect(await opened.text()).toBe(CONTENT);
  expect(log).toMatchObject({ bodies: 0, open: 0 });
  await expect(opened.bytes()).rejects.toMatchObject({ code: 'content-consumed' });
  expect(await Array.fromAsync(opened.stream)).toEqual([]);
});

test('what is given at once, and is too short or fails, is resumed', async () => {
  const reset = new FieldFileError('backend', 'reset', { retryable: true });
  const { storage, log } = await atOnce(
    () => Promise.reject(reset),
    async () => utf8('wasted: only the first is asked for at once'),
  );
  expect(await (await storage.open('a.txt')).text()).toBe(CONTENT);
  expect(log).toEqual({
    bodies: 1,
    open: 0,
    ranges: [undefined, { start: 0, endExclusive: CONTENT.length }],
  });
  const short = await atOnce(async () => utf8(CONTENT.slice(0, 9)));
  expect(await (await short.storage.open('a.txt')).text()).toBe(CONTENT);
  expect(short.log.ranges).toEqual([undefined, { start: 9, endExclusive: CONTENT.length }]);
});

test('what is given at once is verified, and is never too long', async () => {
  const { storage } = await atOnce(async () => utf8(CONTENT.replace('lazy', 'hazy')));
  const { info } = await new MemoryStorage().create('b.txt', CONTENT, { digest: 'sha256' });
  const verify = info.digest as NonNullable<typeof info.digest>;
  const altered = await storage.open('a.txt', { verify });
  await expect(altered.bytes()).rejects.toMatchObject({ code: 'integrity' });
  const long = await atOnce(async () => utf8(`${CONTENT}!`));
  await expect((await long.storage.open('a.txt')).bytes()).rejects.toMatchObject({ code: 'integrity' });
  expect(long.log.open).toBe(0);
});

test('disposing while it is read at once is an error, and frees it', async () => {
  const given = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
  const { storage, log } = await atOnce(() => given.promise);
  const opened = await storage.open('a.txt');
  const reading = opened.bytes();
  const { stream: body } = opened;
  expect(body.locked).toBe(true);
  await opened[Symbol.asyncDispose]();
  given.resolve(utf8(CONTENT));
  await expect(reading).rejects.toMatchObject({ code: 'aborted', objectName: 'a.txt' });
  await expect(body.getReader().read()).rejects.toMatchObject({ code: 'aborted' });
  expect(log.open).toBe(0);
});
