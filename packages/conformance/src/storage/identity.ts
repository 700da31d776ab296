import assert from 'node:assert/strict';
import { withPrefix } from '@fieldfile/storage';
import { rejectsWith } from './assertions.ts';
import type { StorageBehaviour } from './context.ts';

/** S13: one place, one id. */
export const identity: readonly StorageBehaviour[] = [
  {
    id: 'S13.one-id',
    title: 'has the same id for every client of its objects, and another one below a prefix',
    async run(context) {
      const other = await context.offered('reopen')();
      assert.equal(other.id, context.storage.id);
      const [part, again] = ['part', 'part'].map(location =>
        context.around(withPrefix(context.backend, location)),
      );
      await part?.save('a.txt', 'one');
      assert.equal(await again?.exists('a.txt'), true);
      assert.equal(part?.id, again?.id);
      assert.notEqual(part?.id, context.storage.id);
    },
  },
  {
    id: 'S13.one-place',
    title: 'refuses to be used under two ids, or as two storages that overlap',
    async run(context) {
      const below = (location: string, id?: string) => async (): Promise<boolean> =>
        context.around(withPrefix(context.backend, location, { id })).exists('a.txt');
      const part = context.around(withPrefix(context.backend, 'shared/part'));
      await part.save('a.txt', 'one');
      await rejectsWith('invalid-argument', below('shared/part', 'another id'), 'the same place');
      await rejectsWith('invalid-argument', below('shared/part/inside'), 'a place inside');
      await rejectsWith('invalid-argument', below('shared'), 'a place around');
      assert.equal(await below('shared/part')(), true);
      assert.equal(await below('shared/part2')(), false);
    },
  },
];
