import assert from 'node:assert/strict';
import { rejectsWith } from './assertions.ts';
import type { StorageBehaviour } from './context.ts';

/** More than the first page of a listing has. */
const MANY = 120;

const nameOf = (index: number): string => `folder/${String(index).padStart(3, '0')}.txt`;

/** S8: who wants the beginning of a listing gets it, and nobody is asked for the rest. */
export const listingLimit: readonly StorageBehaviour[] = [
  {
    id: 'S8.limit',
    title: 'lists at most so many objects, the first ones, whatever the size of a page',
    async run({ storage, backend }) {
      const names = Array.from({ length: MANY }, (_, index) => nameOf(index));
      await Promise.all(names.map(name => storage.replace(name, 'x')));
      const listed = async (options: object): Promise<readonly string[]> =>
        (await Array.fromAsync(storage.list('folder/', options))).map(({ name }) => name);
      const all = await listed({});
      assert.deepEqual([...all].sort(), names);
      if (backend.listOrder !== 'none') assert.deepEqual(all, names);
      for (const limit of [0, 1, 7, 100, 101, MANY, MANY + 1, 5000, Number.POSITIVE_INFINITY])
        for (const paging of [{}, { pageSize: 3 }, { pageSize: 1000 }]) {
          if (paging.pageSize === 3 && limit > 7) continue;
          assert.deepEqual(await listed({ limit, ...paging }), all.slice(0, limit), `limit ${limit}`);
        }
      if (backend.listOrder !== 'none')
        assert.deepEqual(await listed({ limit: 2, after: nameOf(5) }), [nameOf(6), nameOf(7)]);
      const pages = await Array.fromAsync(storage.listPages('folder/', { limit: 5, pageSize: 2 }));
      assert.deepEqual(
        pages.flat().map(({ name }) => name),
        all.slice(0, 5),
      );
    },
  },
  {
    id: 'S8.limit-number',
    title: 'refuses a limit that is no number of objects',
    async run({ storage }) {
      for (const limit of [-1, 1.5, Number.NaN, '5' as never])
        await rejectsWith('invalid-argument', () => storage.list('', { limit }).next());
    },
  },
];
