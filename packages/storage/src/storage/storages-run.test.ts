import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { MemoryStorage } from '@fieldfile/memory';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { storages } from './storages.ts';

const base = new MemoryStorage();
storages.configure({ 'run-a': base, 'run-b': base });

test('a storage stands in for an alias inside, and nowhere else', async () => {
  const inside = new MemoryStorage();
  const result = storages.run({ 'run-a': inside }, () => {
    expect(storages.get('run-a')).toBe(inside);
    expect(storages.get('run-b')).toBe(base);
    return 'result';
  });
  expect(result).toBe('result');
  expect(storages.get('run-a')).toBe(base);
});

test('contexts at the same time do not see each other, whatever they await', async () => {
  const tasks = Array.from({ length: 20 }, async (_, index) => {
    const own = new MemoryStorage();
    await storages.run({ 'run-a': own }, async () => {
      for (let turns = 0; turns < index % 5; turns++) await turn();
      expect(storages.get('run-a')).toBe(own);
      await storages.get('run-a').save('a.txt', String(index));
    });
    await using opened = await own.open('a.txt');
    expect(await opened.text()).toBe(String(index));
  });
  await Promise.all(tasks);
  expect(storages.get('run-a')).toBe(base);
});

test('it goes before an override, also one that is made inside, and an inner one before an outer', () => {
  const [process, outer, inner, late] = Array.from({ length: 4 }, () => new MemoryStorage());
  using _ = storages.override('run-a', process as MemoryStorage);
  storages.run({ 'run-a': outer as MemoryStorage, 'run-b': outer as MemoryStorage }, () => {
    using _late = storages.override('run-a', late as MemoryStorage);
    expect(storages.get('run-a')).toBe(outer);
    storages.run({ 'run-a': inner as MemoryStorage }, () => {
      expect(storages.get('run-a')).toBe(inner);
      expect(storages.get('run-b')).toBe(outer);
    });
    expect(storages.get('run-a')).toBe(outer);
  });
  expect(storages.get('run-a')).toBe(process);
});

test('what fails inside ends it', async () => {
  const failure = new Error('inside');
  const own = { 'run-a': new MemoryStorage() };
  expect(() =>
    storages.run(own, () => {
      throw failure;
    }),
  ).toThrow(failure);
  await expect(storages.run(own, () => Promise.reject(failure))).rejects.toBe(failure);
  expect(storages.get('run-a')).toBe(base);
});

test('what is no storage is refused before anything runs', () => {
  let ran = false;
  const run = (): unknown =>
    storages.run({ 'run-a': MemoryStorage as never }, () => {
      ran = true;
    });
  expect(run).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  expect(ran).toBe(false);
});

test('a runtime without asynchronous contexts loads the package, and is told what to use', async () => {
  const shared = Symbol.for('@fieldfile/storage/1');
  const global = globalThis as Record<symbol, unknown>;
  const before = global[shared];
  vi.resetModules();
  global[shared] = undefined;
  vi.stubGlobal('process', undefined);
  try {
    const copy = await import('./storages.ts');
    copy.storages.configure({ other: base as never });
    expect(copy.storages.get('other')).toBe(base);
    expect(() => copy.storages.run({}, () => 1)).toThrow('storages.override()');
  } finally {
    vi.unstubAllGlobals();
    global[shared] = before;
    vi.resetModules();
  }
});

describe('what the README says of hooks in vitest', () => {
  const context = new AsyncLocalStorage<string>();
  beforeEach(async () => {
    await turn();
    context.enterWith('hook');
  });

  test('a context that a hook enters after an await does not reach the test', () => {
    expect(context.getStore()).toBeUndefined();
  });
});

describe('an override in hooks', () => {
  const own = new MemoryStorage();
  let undo: Disposable | undefined;
  beforeEach(async () => {
    await turn();
    undo = storages.override('run-a', own);
  });
  afterEach(() => undo?.[Symbol.dispose]());

  test('reaches the test', () => {
    expect(storages.get('run-a')).toBe(own);
  });
});
