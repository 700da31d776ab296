import { MemoryStorage } from '@fieldfile/memory';
import { expect, test } from 'vitest';
import { FieldFileError } from '../errors/field-file-error.ts';
import type { Backend, ListOptions } from './backend.ts';
import { Storage } from './storage.ts';

/** A storage of 25 objects whose listing fails before its `nth` page, once for every entry. */
async function failing(...nth: number[]): Promise<Storage> {
  const { backend } = new MemoryStorage();
  const storage = new Storage(backend);
  for (let index = 0; index < 25; index++) await storage.save(`${String(index % 5)}/${index}`, 'x');
  const flaky: Backend = new Proxy(backend, {
    get(target, property) {
      const value = Reflect.get(target, property, target);
      if (property !== 'list') return typeof value === 'function' ? value.bind(target) : value;
      return async function* (options: ListOptions) {
        let page = 0;
        for await (const one of target.list(options)) {
          if (nth[0] === page++) {
            nth.shift();
            throw new FieldFileError('throttled', 'slow down', { retryable: true });
          }
          yield one;
        }
      };
    },
  });
  return new Storage(flaky, { retry: { baseDelayMs: 0 } });
}

test('a page that fails is asked for again, and nothing is listed twice or left out', async () => {
  const storage = await failing(0, 2, 1);
  const names = (await Array.fromAsync(storage.list('', { pageSize: 4 }))).map(({ name }) => name as string);
  expect(names).toHaveLength(25);
  expect(names).toEqual([...new Set(names)].sort());
});

test('folders are not listed twice either', async () => {
  const storage = await failing(0);
  expect((await storage.listdir()).folders).toEqual(['0', '1', '2', '3', '4']);
});

test('what fails for good is the error of the listing', async () => {
  const storage = await failing(0, 0, 0, 0);
  await expect(Array.fromAsync(storage.list())).rejects.toMatchObject({
    code: 'throttled',
    operation: 'list',
  });
});
