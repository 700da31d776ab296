import assert from 'node:assert/strict';
import { file } from '@fieldfile/core';
import { rejection } from '../storage/assertions.ts';
import type { BindingBehaviour } from './context.ts';

/** T7: statements that name no row object. */
export const bulk: readonly BindingBehaviour[] = [
  {
    id: 'T7.update-files',
    title: 'a bulk update gives every row an object of its own and removes the old ones',
    async run(context) {
      context.needs('bulk-update');
      const rows = [await context.document('one.txt'), await context.document()];
      await context.offered(context.subject.updateAll, 'updateAll')({ avatar: file('all', 'all.txt') });
      for (const { id } of rows) await context.storedText(id, 'all');
      const names = (await context.other.rows()).map(({ avatar }) => avatar);
      assert.equal(new Set(names).size, 2, 'two rows share an object');
    },
  },
  {
    id: 'T7.update-null',
    title: 'a bulk update to null removes the objects',
    async run(context) {
      context.needs('bulk-update');
      for (const name of ['one.txt', 'two.txt']) await context.document(name);
      await context.offered(context.subject.updateAll, 'updateAll')({ avatar: null });
      assert.deepEqual(
        (await context.other.rows()).map(({ avatar }) => avatar),
        [null, null],
      );
    },
  },
  {
    id: 'T7.update-others',
    title: 'a bulk update of other columns leaves the files alone',
    async run(context) {
      context.needs('bulk-update');
      const { id } = await context.document('one.txt');
      await context.offered(context.subject.updateAll, 'updateAll')({ name: 'renamed' });
      assert.equal((await context.stored(id)).name, 'renamed');
      await context.storedText(id, 'content of one.txt');
    },
  },
  {
    id: 'T7.update-rolled-back',
    title: 'a bulk update that is rolled back leaves the old files',
    async run(context) {
      context.needs('bulk-update');
      const { id } = await context.document('one.txt');
      await rejection(
        context.subject.transaction(async rows => {
          await context.offered(rows.updateAll, 'updateAll')({ avatar: null });
          throw new Error('no');
        }),
        'the transaction',
      );
      await context.storedText(id, 'content of one.txt');
    },
  },
  {
    id: 'T7.remove',
    title: 'a bulk delete removes the objects',
    async run(context) {
      context.needs('bulk-delete');
      for (const name of ['one.txt', 'two.txt', undefined]) await context.document(name);
      await context.offered(context.subject.removeAll, 'removeAll')();
      assert.deepEqual(await context.other.rows(), []);
    },
  },
  {
    id: 'T7.remove-rolled-back',
    title: 'a bulk delete that is rolled back leaves the objects',
    async run(context) {
      context.needs('bulk-delete');
      const { id } = await context.document('one.txt');
      await rejection(
        context.subject.transaction(async rows => {
          await context.offered(rows.removeAll, 'removeAll')();
          throw new Error('no');
        }),
        'the transaction',
      );
      await context.storedText(id, 'content of one.txt');
    },
  },
];
