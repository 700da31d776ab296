import { newWriteId, type ObjectName, objectName, toSource } from '@fieldfile/storage/backend';
import { expect, test } from 'vitest';
import { MemoryBackend } from './backend.ts';

const backend = (): MemoryBackend => new MemoryBackend();

const key = (name: string): ObjectName => objectName(name, new MemoryBackend().limits, 'test', 'memory');

/** Names `a`, `a1`, `a2`, … */
const names = () => {
  let count = 0;
  return { first: key('a'), next: async () => key(`a${++count}`) };
};

/** Content that waits half-way. */
function paused(text: string) {
  const halfWay = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  async function* chunks(): AsyncGenerator<Uint8Array> {
    halfWay.resolve();
    await gate.promise;
    yield new TextEncoder().encode(text);
  }
  return { source: toSource(chunks(), { operation: 'test' }), halfWay: halfWay.promise, go: gate.resolve };
}

async function text(memory: MemoryBackend, name: string): Promise<string> {
  const { stream: body } = await memory.read(key(name));
  return await new Response(body).text();
}

test('a name being written is occupied for others, but neither found nor listed', async () => {
  const memory = backend();
  const slow = paused('slow');
  const writing = memory.create(slow.source, names(), { writeId: newWriteId() });
  await slow.halfWay;
  expect(await memory.info(key('a'))).toBeUndefined();
  expect(await Array.fromAsync(memory.list({ prefix: '', pageSize: 10 }))).toEqual([]);
  const quick = toSource('quick', { operation: 'test' });
  expect((await memory.create(quick, names(), { writeId: newWriteId() })).name).toBe('a1');
  slow.go();
  expect((await writing).name).toBe('a');
});

test('a create that is undone while it is written leaves nothing and says so', async () => {
  const memory = backend();
  const slow = paused('slow');
  const writeId = newWriteId();
  const writing = memory.create(slow.source, names(), { writeId });
  await slow.halfWay;
  expect(await memory.undo(key('a'), newWriteId())).toBe('absent');
  expect(await memory.undo(key('a'), writeId)).toBe('removed');
  slow.go();
  await expect(writing).rejects.toMatchObject({ code: 'conflict' });
  expect(await memory.info(key('a'))).toBeUndefined();
});

test('a create whose reserved name was given to a replace takes another', async () => {
  const memory = backend();
  const slow = paused('slow');
  const writing = memory.create(slow.source, names(), { writeId: newWriteId() });
  await slow.halfWay;
  await memory.replace(key('a'), toSource('replaced', { operation: 'test' }), { writeId: newWriteId() });
  slow.go();
  expect((await writing).name).toBe('a1');
  expect(await text(memory, 'a')).toBe('replaced');
  expect(await text(memory, 'a1')).toBe('slow');
});

test('a listing under way shows what is left of the names it began with', async () => {
  const memory = backend();
  for (const name of ['a', 'b', 'c', 'd'])
    await memory.replace(key(name), toSource(name, { operation: 'test' }), { writeId: newWriteId() });
  const listed: string[] = [];
  for await (const { objects } of memory.list({ prefix: '', pageSize: 1 })) {
    listed.push(...objects.map(object => object.name));
    await memory.remove(key('c'));
  }
  expect(listed).toEqual(['a', 'b', 'd']);
});

test('a BYOB reader gets the bytes and the end', async () => {
  const memory = backend();
  await memory.replace(key('a'), toSource('hello', { operation: 'test' }), { writeId: newWriteId() });
  const { stream: body } = await memory.read(key('a'));
  const reader = body.getReader({ mode: 'byob' });
  const { value } = await reader.read(new Uint8Array(10));
  expect(new TextDecoder().decode(value)).toBe('hello');
  expect((await reader.read(new Uint8Array(10))).done).toBe(true);
});

test('what it tells of an object cannot be changed from outside', async () => {
  const memory = backend();
  const metadata = { author: 'someone' };
  const write = { writeId: newWriteId(), metadata };
  const info = await memory.replace(key('a'), toSource('one', { operation: 'test' }), write);
  metadata.author = 'someone else';
  expect(Object.isFrozen(info) && Object.isFrozen(info.metadata)).toBe(true);
  expect((await memory.info(key('a')))?.metadata).toEqual({ author: 'someone' });
});

test('the first versions of two memories are not the same', async () => {
  const [one, other] = await Promise.all(
    [backend(), backend()].map(memory =>
      memory.create(toSource('x', { operation: 'test' }), names(), { writeId: newWriteId() }),
    ),
  );
  expect(one?.version).not.toBe(other?.version);
});
