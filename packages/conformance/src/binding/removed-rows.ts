import assert from 'node:assert/strict';
import { file } from '@fieldfile/core';
import type { BindingBehaviour } from './context.ts';

/** T1: a row object whose row was removed shows no file any more, and can be inserted again. */
export const removedRows: readonly BindingBehaviour[] = [
  {
    id: 'T1.removed-again',
    title: 'a removed row object shows no file, and inserted again it names none',
    async run(context) {
      context.needs('removed-rows');
      const { subject } = context;
      const row = await context.find((await context.document('old.txt')).id);
      await subject.remove(row);
      const again = await subject.insert(row);
      assert.equal((await context.storedName(again.id)) || null, null);
      assert.equal(context.file(again).name, null);
    },
  },
  {
    id: 'T1.removed-shown',
    title: 'a file that was touched before its row is removed shows nothing afterwards',
    async run(context) {
      context.needs('removed-rows');
      const row = await context.find((await context.document('old.txt')).id);
      const handle = context.file(row);
      await context.subject.remove(row);
      assert.deepEqual([handle.name, handle.stored, handle.pending], [null, null, false]);
    },
  },
  {
    id: 'T1.removed-with-file',
    title: 'a removed row object that was given another file is inserted again with that',
    async run(context) {
      context.needs('removed-rows');
      const { subject } = context;
      const row = await context.find((await context.document('old.txt')).id);
      await subject.remove(row);
      subject.assign(row, file('new', 'new.txt'));
      const { id } = await subject.insert(row);
      await context.storedText(id, 'new');
    },
  },
  {
    id: 'T1.removed-rolled-back',
    title: 'a row object whose removal is rolled back shows its file as before, and is saved as before',
    async run(context) {
      context.needs('removed-rows');
      const { id } = await context.document('old.txt');
      const row = await context.find(id);
      const rollback = new Error('rolled back');
      const work = context.subject.transaction(async rows => {
        await rows.remove(row);
        throw rollback;
      });
      await assert.rejects(work, error => error === rollback);
      assert.equal(context.file(row).name, await context.storedName(id));
      await context.file(row).save('new', { name: 'new.txt' });
      await context.storedText(id, 'new');
    },
  },
];
