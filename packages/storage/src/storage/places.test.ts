import { MemoryBackend, MemoryStorage } from '@fieldfile/memory';
import { expect, onTestFinished, test } from 'vitest';
import { withPrefix } from '../wrappers/prefix.ts';
import { readOnly } from '../wrappers/read-only.ts';
import type { Backend } from './backend.ts';
import { Storage } from './storage.ts';

const invalid = expect.objectContaining({ code: 'invalid-argument' });

test('one place has one id, whatever is wrapped around it', () => {
  const memory = new MemoryStorage();
  const { backend, id } = memory;
  for (const same of [backend, readOnly(backend)]) expect(new Storage(same).id).toBe(id);
  expect(() => new Storage(backend, { id: 'other' })).toThrow(/is the same place as storage/);
  expect(() => new Storage(readOnly(backend), { id: 'other' })).toThrow(invalid);
  const part = new Storage(withPrefix(readOnly(backend), 'a'));
  expect(() => new Storage(withPrefix(backend, 'a'))).not.toThrow();
  expect(() => new Storage(withPrefix(backend, 'a', { id: 'other' }))).toThrow(invalid);
  expect([memory.id, part.id]).toEqual([id, `${id}/a`]);
});

test('one id has one place', () => {
  const first = new MemoryStorage({ id: 'places-one' });
  expect(() => new MemoryStorage({ id: 'places-one' })).toThrow(/has the id of a storage of another place/);
  expect(() => new Storage(new MemoryBackend(), { id: 'places-one' })).toThrow(invalid);
  expect(new MemoryStorage().id).not.toBe(new MemoryStorage().id);
  expect(first.id).toBe('places-one');
});

test('parts of one backend lie beside each other, or are refused', () => {
  const { backend } = new MemoryStorage();
  const parts = ['a', 'ab', 'b/c'].map(location => new Storage(withPrefix(backend, location)));
  for (const location of ['a/b', 'b', 'b/c/d'])
    expect(() => new Storage(withPrefix(backend, location)), location).toThrow(/overlaps with storage/);
  expect(() => new Storage(withPrefix(withPrefix(backend, 'b'), 'c'))).not.toThrow();
  const again = new Storage(readOnly((parts[0] as Storage).backend));
  expect(again.id).toBe(parts[0]?.id);
  // A part of a part that exists is made of it on purpose.
  expect(() => new Storage(withPrefix((parts[0] as Storage).backend, 'b'))).not.toThrow();
});

test('a backend that says nothing of its place is known by its id', () => {
  const silent = (id: string): Backend => Object.assign(new MemoryBackend({ id }), { place: undefined });
  const first = new Storage(withPrefix(silent('silent'), 'a'));
  expect(() => new Storage(withPrefix(silent('silent'), 'a'))).not.toThrow();
  expect(() => new Storage(withPrefix(silent('silent'), 'a/b'))).toThrow(invalid);
  expect(() => new Storage(withPrefix(silent('another'), 'a/b'))).not.toThrow();
  expect(first.id).toBe('silent/a');
});

test('a place that is only known at the first operation is looked at then, once, by all operations', async () => {
  const memory = new MemoryStorage();
  let asked = 0;
  const late = (): Backend =>
    Object.assign(new MemoryBackend({ id: `late-${++asked}` }), {
      locate: async () => {
        asked += 1;
        return memory.backend.place;
      },
    });
  const second = new Storage(late());
  const operations = [
    () => second.save('a', 'x'),
    () => second.exists('a'),
    () => second.list().next(),
    () => second.listdir(),
    () => second.undo('a', 'w' as never),
  ];
  for (const operation of operations) await expect(operation()).rejects.toEqual(invalid);
  await memory[Symbol.asyncDispose]();
  asked = 0;
  for (const operation of operations) await operation();
  expect(asked).toBe(1);
});

test('a storage that nobody has any more blocks nobody, whether it was collected yet or not', () => {
  const { backend } = new MemoryStorage();
  for (let times = 0; times < 5; times++) new Storage(withPrefix(backend, 'a/b'), { id: `dropped-${times}` });
  const kept = new Storage(withPrefix(backend, 'a'));
  expect(() => new Storage(withPrefix(backend, 'a/c'))).toThrow(invalid);
  expect(kept.id).toContain('/a');
});

test('a storage that was disposed of blocks nobody, and is refused when it is used again', async () => {
  const { backend } = new MemoryStorage();
  const first = new Storage(withPrefix(backend, 'a'));
  await first.save('x', '1');
  await first[Symbol.asyncDispose]();
  const second = new Storage(withPrefix(backend, 'a/b'));
  await second.save('x', '2');
  await expect(first.exists('x')).rejects.toEqual(invalid);
  await second[Symbol.asyncDispose]();
  expect(await first.exists('x')).toBe(true);
});

test('the garbage collector that is asked is put out of reach again', () => {
  const { backend } = new MemoryStorage();
  const kept = new Storage(backend);
  expect(() => new Storage(backend, { id: 'other' })).toThrow(invalid);
  const vm = process.getBuiltinModule('node:vm');
  expect(vm.runInNewContext('typeof gc')).toBe('undefined');
  onTestFinished(() => void kept);
});

test('formerIds and ids are texts', () => {
  expect(new MemoryStorage({ formerIds: ['a', 'b', 'a'] }).formerIds).toEqual(['a', 'b']);
  expect(new MemoryStorage({ id: 'own', formerIds: ['own', 'b'] }).formerIds).toEqual(['b']);
  for (const options of [{ id: '' }, { id: 5 }, { id: 'a\n' }, { formerIds: 'a' }, { formerIds: [''] }])
    expect(() => new MemoryStorage(options as never), JSON.stringify(options)).toThrow(invalid);
});
