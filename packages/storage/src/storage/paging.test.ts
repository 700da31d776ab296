import { recordCalls } from '@fieldfile/conformance';
import { MemoryStorage } from '@fieldfile/memory';
import { expect, test } from 'vitest';
import type { ListOptions } from './backend.ts';
import { PageSizes, pagingOf } from './paging.ts';
import { Storage } from './storage.ts';

test.each([
  [{}, { pageSize: 1000, firstPageSize: 50 }],
  [{ limit: 50 }, { pageSize: 50 }],
  [{ limit: 5000 }, { pageSize: 1000 }],
  [{ limit: 0 }, { pageSize: 1 }],
  [{ pageSize: 10 }, { pageSize: 10 }],
  [{ pageSize: 10, limit: 3 }, { pageSize: 3 }],
  [{ pageSize: 10, limit: 30 }, { pageSize: 10 }],
])('%j is asked for as %j', (options, asked) => {
  expect(pagingOf(options)).toEqual(asked);
});

test.each<[Omit<ListOptions, 'prefix'>, number, number[]]>([
  [{ pageSize: 1000, firstPageSize: 100 }, 1000, [100, 400, 1000, 1000]],
  [{ pageSize: 1000, firstPageSize: 50 }, 5000, [50, 200, 800, 3200, 5000, 5000]],
  [{ pageSize: 7 }, 1000, [7, 7, 7, 7]],
  [{ pageSize: 5000 }, 1000, [1000, 1000, 1000, 1000]],
  [{ pageSize: 1000, firstPageSize: 100 }, 50, [50, 50, 50, 50]],
])('pages of %j, of a service that gives %d, have %j', (options, most, expected) => {
  const sizes = new PageSizes({ prefix: '', ...options }, most);
  expect(expected.map(() => sizes.next())).toEqual(expected);
});

test('a listing that has its limit asks for nothing more', async () => {
  const { backend, calls } = recordCalls(new MemoryStorage().backend);
  const storage = new Storage(backend);
  for (const name of ['a', 'b', 'c', 'd']) await storage.save(name, 'x');
  expect(await Array.fromAsync(storage.list('', { limit: 0 }))).toEqual([]);
  expect(calls.filter(({ operation }) => operation === 'list')).toEqual([]);
  expect(await Array.fromAsync(storage.list('', { limit: 2 }))).toHaveLength(2);
  expect(calls.filter(({ operation }) => operation === 'list')).toHaveLength(1);
});
