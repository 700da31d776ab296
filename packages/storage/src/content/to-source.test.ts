import { getEventListeners, once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { runInNewContext } from 'node:vm';
import { expect, onTestFinished, test } from 'vitest';
import { fromPath } from '../node.ts';
import type { Content } from './content.ts';
import type { Source } from './source.ts';
import { toSource } from './to-source.ts';

const CONTEXT = { operation: 'save', storage: 'here', name: 'a.txt' };

const source = (content: unknown): Source => toSource(content as Content, CONTEXT);

const code = (expected: string): unknown => expect.objectContaining({ code: expected });

async function text(one: Source, signal?: AbortSignal): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of one.open(signal)) {
    expect(chunk.byteLength).toBeGreaterThan(0);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

async function temporaryFile(content: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'to-source-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'a.txt');
  await writeFile(path, content);
  return path;
}

const encode = (content: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(content);

async function* generator(...chunks: readonly unknown[]): AsyncGenerator<unknown> {
  yield* chunks;
}

/** Yields `head`, then waits until it is told to stop. */
function hanging(head: unknown): AsyncIterable<unknown> & { readonly stopped: Promise<void> } {
  const stopped = Promise.withResolvers<void>();
  let given = false;
  return {
    stopped: stopped.promise,
    [Symbol.asyncIterator]: () => ({
      next() {
        if (given) return new Promise<never>(() => {});
        given = true;
        return Promise.resolve({ done: false, value: head });
      },
      async return() {
        stopped.resolve();
        return { done: true, value: undefined };
      },
    }),
  };
}

test.each<[string, () => unknown, number | undefined, boolean]>([
  ['text', () => 'grüße', 7, true],
  ['empty text', () => '', 0, true],
  ['a Uint8Array', () => encode('grüße'), 7, true],
  ['a Buffer', () => Buffer.from('grüße'), 7, true],
  ['an ArrayBuffer', () => encode('grüße').buffer, 7, true],
  ['an ArrayBuffer of another realm', () => runInNewContext('new ArrayBuffer(3)'), 3, true],
  ['a view with an offset', () => encode('__grüße__').subarray(2, 9), 7, true],
  ['a DataView with an offset', () => new DataView(encode('__grüße__').buffer, 2, 7), 7, true],
  ['a Blob', () => new Blob(['grü', 'ße']), 7, true],
  ['a File', () => new File(['grüße'], 'x.txt'), 7, true],
  ['a web stream', () => new Blob(['grüße']).stream(), undefined, false],
  ['a Node stream', () => Readable.from([Buffer.from('grüße')]), undefined, false],
  ['a Node stream of text', () => Readable.from(['grü', 'ße']), undefined, false],
  ['an async generator', () => generator(encode('grüße')), undefined, false],
  ['an async generator of text', () => generator('grü', '', 'ße'), undefined, false],
  ['an array of bytes', () => [encode('grü'), new Uint8Array(), encode('ße')], undefined, false],
  [
    'a stream of other views',
    () => generator(new DataView(encode('_grüße_').buffer, 1, 7)),
    undefined,
    false,
  ],
  ['a stream of ArrayBuffers', () => generator(encode('grüße').buffer), undefined, false],
])('reads %s', async (what, content, sizeBytes, replayable) => {
  const one = source(content());
  expect(one.sizeBytes).toBe(sizeBytes);
  expect(one.replayable).toBe(replayable);
  const expected = what.startsWith('empty') ? '' : what.includes('realm') ? '\0\0\0' : 'grüße';
  expect(await text(one)).toBe(expected);
  if (replayable) expect(await text(one, new AbortController().signal)).toBe(expected);
});

test('a source is content as it is', () => {
  const one = source('x');
  expect(source(one)).toBe(one);
});

test('memory is handed out in views of at most 1 MiB, never copied', async () => {
  const bytes = new Uint8Array(2.5 * 1024 * 1024);
  const sizes: number[] = [];
  for await (const chunk of source(bytes).open()) {
    expect(chunk.buffer).toBe(bytes.buffer);
    sizes.push(chunk.byteLength);
  }
  expect(sizes).toEqual([1024 * 1024, 1024 * 1024, 512 * 1024]);
});

test('what is no content is refused, saying what it was and what to pass', () => {
  for (const value of [undefined, null, 1, true, {}, () => 'x', Symbol('x')])
    expect(() => source(value)).toThrow(code('invalid-argument'));
  expect(() => source(new Date())).toThrow(
    'Content cannot be made of a Date for "a.txt": pass text, bytes, a Blob',
  );
  expect(() => source({ path: '/etc/passwd' })).toThrow('use fromPath() of "@fieldfile/core/node"');
});

/** A Node stream of chunks that all wait in its buffer. */
function gathered(...chunks: readonly string[]): Readable {
  const stream = new Readable({ read() {} });
  for (const chunk of chunks) stream.push(chunk);
  return stream;
}

test('chunks that gathered in a Node stream are handed out as they are, never put together', async () => {
  const stream = gathered('ab', 'cd', 'ef');
  stream.push(null);
  const read: string[] = [];
  for await (const chunk of source(stream).open()) read.push(Buffer.from(chunk).toString());
  expect(read).toEqual(['ab', 'cd', 'ef']);
});

test.each<[string, (stream: Readable) => unknown]>([
  ['that is paused', stream => stream.pause()],
  ['with a listener for `readable`', stream => stream.on('readable', () => {})],
  ['that was waited for', stream => once(stream, 'readable')],
])('reads a Node stream %s', async (_, prepare) => {
  const stream = gathered('grü', 'ße');
  await prepare(stream);
  setTimeout(() => stream.push(null), 10);
  expect(await text(source(stream), new AbortController().signal)).toBe('grüße');
});

test('a Node stream that is closed or fails before it is opened, or half-way, fails as it would by itself', async () => {
  const closed = gathered('half');
  const one = source(closed);
  closed.destroy();
  await expect(text(one)).rejects.toThrow(expect.objectContaining({ code: 'ERR_STREAM_PREMATURE_CLOSE' }));

  const failed = gathered('half');
  const other = source(failed);
  failed.destroy(new Error('gone'));
  await expect(text(other)).rejects.toThrow('gone');

  for (const error of [undefined, new Error('half-way')]) {
    const stream = gathered('half');
    setTimeout(() => stream.destroy(error), 10);
    await expect(text(source(stream))).rejects.toThrow(error?.message ?? /closed before its end/);
  }
});

test('a consumed, locked or destroyed stream is refused before a byte is read', async () => {
  const locked = new Blob(['x']).stream();
  locked.getReader();
  expect(() => source(locked)).toThrow('is locked by another reader');

  const read = Readable.from([Buffer.from('x')]);
  for await (const _ of read);
  expect(() => source(read)).toThrow(code('content-consumed'));

  const begun = Readable.from(['one', 'two'], { objectMode: false });
  begun.read();
  await new Promise(resolve => begun.once('readable', resolve));
  begun.read(1);
  expect(() => source(begun)).toThrow(code('content-consumed'));

  const broken = new Readable({ read() {} });
  const cause = new Error('the disk is gone');
  broken.once('error', () => {});
  broken.destroy(cause);
  await new Promise(resolve => broken.once('close', resolve));
  expect(() => source(broken)).toThrow(expect.objectContaining({ code: 'content-consumed', cause }));
});

test('bytes that were transferred are refused', () => {
  const bytes = encode('gone');
  structuredClone(bytes, { transfer: [bytes.buffer] });
  expect(() => source(bytes)).toThrow(code('content-consumed'));
  expect(() => source(bytes.buffer)).toThrow(code('content-consumed'));
});

test.each<[string, () => unknown]>([
  ['a web stream', () => new Blob(['whole']).stream()],
  ['a Node stream', () => Readable.from([Buffer.from('whole')])],
  ['a generator', () => generator('whole')],
])('%s is read once, also when two saves of it began together', async (_, make) => {
  const content = make();
  const [first, second] = [source(content), source(content)];
  const reading = text(first);
  expect(() => second.open()).toThrow(code('content-consumed'));
  expect(() => first.open()).toThrow(code('content-consumed'));
  expect(await reading).toBe('whole');
  expect(() => source(content)).toThrow(code('content-consumed'));
});

test('an array may be stored again by another save', async () => {
  const chunks = [encode('again')];
  expect(await text(source(chunks))).toBe('again');
  expect(await text(source(chunks))).toBe('again');
});

test('chunks that are no bytes are refused, and the source is told to stop', async () => {
  const released = Promise.withResolvers<void>();
  async function* numbers(): AsyncGenerator<unknown> {
    try {
      yield encode('x');
      yield 42;
    } finally {
      released.resolve();
    }
  }
  await expect(text(source(numbers()))).rejects.toThrow('must yield bytes, not a number for "a.txt"');
  await released.promise;
});

test.each([false, true])('an error of the stream passes untouched (signal: %s)', async withSignal => {
  const failure = new Error('mine');
  const signal = withSignal ? new AbortController().signal : undefined;
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield encode('x');
    throw failure;
  }
  await expect(text(source(failing()), signal)).rejects.toBe(failure);
  await expect(text(source(Readable.from(failing())), signal)).rejects.toBe(failure);
  const web = new ReadableStream({
    pull() {
      throw failure;
    },
  });
  await expect(text(source(web), signal)).rejects.toBe(failure);
  let returns = 0;
  const rude = {
    [Symbol.asyncIterator]: () => ({
      next: () => Promise.reject(failure),
      return: () => {
        returns += 1;
        throw new Error('not this one');
      },
    }),
  };
  await expect(text(source(rude), signal)).rejects.toBe(failure);
  expect(returns).toBe(0);
});

test('a Node stream that fails before it is read fails the reading, and not the process', async () => {
  const one = source(createReadStream('/nowhere/at/all'));
  await new Promise(resolve => setImmediate(resolve));
  await new Promise(resolve => setImmediate(resolve));
  await expect(text(one)).rejects.toMatchObject({ code: 'ENOENT' });
});

test.each<[string, () => unknown, (content: never) => Promise<void>]>([
  ['an iterator', () => hanging('x'), ({ stopped }: ReturnType<typeof hanging>) => stopped],
  [
    'a Node stream',
    () => new Readable({ read() {} }),
    (stream: Readable) => new Promise<void>(resolve => stream.once('close', () => resolve())),
  ],
  [
    'a web stream',
    () => {
      const stopped = Promise.withResolvers<void>();
      const stream = new ReadableStream({ cancel: () => stopped.resolve() });
      return Object.assign(stream, { stopped: stopped.promise });
    },
    ({ stopped }: { readonly stopped: Promise<void> }) => stopped,
  ],
])('an abort while %s hangs rejects at once and tells it to stop', async (_, make, stopped) => {
  const content = make();
  const controller = new AbortController();
  const reading = text(source(content), controller.signal);
  await new Promise(resolve => setImmediate(resolve));
  const told = stopped(content as never);
  const reason = new Error('enough');
  controller.abort(reason);
  await expect(reading).rejects.toMatchObject({ code: 'aborted', operation: 'save', cause: reason });
  await told;
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
});

test('a signal that was aborted before leaves the content alone', async () => {
  let asked = false;
  const content = {
    [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
      asked = true;
      return generator() as AsyncIterator<Uint8Array>;
    },
  };
  for (const one of [source(content), source('text'), source(new Blob(['x'])), source('')])
    await expect(text(one, AbortSignal.abort())).rejects.toThrow(code('aborted'));
  expect(asked).toBe(false);
});

test('an abort between chunks ends the iteration, also of memory and of a synchronous iterable', async () => {
  for (const content of [
    new Uint8Array(3_000_000),
    [encode('a'), encode('b')],
    new Blob(['x'.repeat(200_000)]),
  ]) {
    const controller = new AbortController();
    const reading = async (): Promise<void> => {
      for await (const _ of source(content).open(controller.signal)) controller.abort();
    };
    await expect(reading()).rejects.toThrow(code('aborted'));
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  }
});

test('one listener however many chunks, and none when it ends, fails or is left', async () => {
  const { signal } = new AbortController();
  const listeners = (): number => getEventListeners(signal, 'abort').length;
  const chunks = Array.from({ length: 1000 }, () => encode('x'));
  for await (const _ of source(generator(...chunks)).open(signal)) expect(listeners()).toBe(1);
  expect(listeners()).toBe(0);
  for await (const _ of source(generator(...chunks)).open(signal)) break;
  expect(listeners()).toBe(0);
  await expect(text(source(generator('x', 1)), signal)).rejects.toThrow();
  expect(listeners()).toBe(0);
});

test('nothing is kept per chunk, with a signal that never fires', async () => {
  const { signal } = new AbortController();
  const chunk = encode('x');
  async function* many(): AsyncGenerator<Uint8Array> {
    for (let count = 0; count < 100_000; count++) yield chunk;
  }
  const heap: number[] = [];
  let count = 0;
  for await (const _ of source(many()).open(signal)) {
    if (++count % 50_000 > 0) continue;
    globalThis.gc?.();
    heap.push(process.memoryUsage().heapUsed);
  }
  const [half = 0, whole = 0] = heap;
  expect(whole - half).toBeLessThan(1_000_000); // one reaction a chunk would be several
});

test('leaving early destroys a Node stream and cancels a web stream', async () => {
  const node = Readable.from(generator('one', 'two'));
  for await (const _ of source(node).open()) break;
  expect(node.destroyed).toBe(true);

  let cancelled = false;
  const web = new ReadableStream({
    pull: controller => controller.enqueue(encode('x')),
    cancel: () => {
      cancelled = true;
    },
  });
  for await (const _ of source(web).open()) break;
  expect(cancelled).toBe(true);
});

test('an iterable with a destroy method of its own, which is no stream, keeps it', async () => {
  let destroyed = false;
  const collection = {
    destroy: () => {
      destroyed = true;
    },
    [Symbol.asyncIterator]: () => generator('x', 'y'),
  };
  for await (const _ of source(collection).open()) break;
  expect(destroyed).toBe(false);
});

test('fromPath is read, again and again, and offered as a file', async () => {
  const path = await temporaryFile('from disk');
  const one = source(fromPath(path));
  expect(one).toMatchObject({ sizeBytes: 9, replayable: true, local: { path, consume: false } });
  expect(await text(one)).toBe('from disk');
  expect(await text(one, new AbortController().signal)).toBe('from disk');
  for await (const _ of one.open()) break;
});

test('fromPath with consume may be taken away, so it can be had once', async () => {
  const path = await temporaryFile('from disk');
  const one = source(fromPath(path, { consume: true }));
  expect(one).toMatchObject({ replayable: false, local: { path, consume: true } });
  expect(await text(one)).toBe('from disk');
});

test('a file that is gone when it is read is not-found, with the cause', async () => {
  const path = await temporaryFile('from disk');
  const one = source(fromPath(path));
  await rm(path);
  await expect(text(one)).rejects.toMatchObject({
    code: 'not-found',
    storage: 'here',
    objectName: 'a.txt',
    cause: { code: 'ENOENT' },
  });
});
