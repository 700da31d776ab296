import assert from 'node:assert/strict';
import { file } from '@fieldfile/core';
import type { BindingBehaviour } from './context.ts';
import { rolledBack } from './steps.ts';

/** Columns that a database may fill in. */
const FILLED_IN = ['id', 'version', 'size', 'payload', 'parent'] as const;

/** T12: a rollback takes back what the database had filled in. */
export const takenBack: readonly BindingBehaviour[] = [
  {
    id: 'T12.draft-again',
    title:
      'a row whose insert was rolled back is as before, and is inserted anew though its old key was taken',
    async run(context) {
      const row = context.subject.make({ name: 'draft' });
      context.subject.assign(row, file('draft', 'draft.txt'));
      const filledIn = (): object =>
        Object.fromEntries(FILLED_IN.map(column => [column, Reflect.get(row, column)]));
      const before = filledIn();
      let key = 0;
      await rolledBack(context, async rows => {
        key = (await rows.insert(row)).id;
      });
      assert.deepEqual(filledIn(), before);
      assert.equal(await context.other.insert({ id: key, name: 'another' }), key);
      // A row object that has files knows what it was assigned.
      if (context.settings.lacks['unsaved-rows'] !== undefined || !context.file(row).pending)
        context.subject.assign(row, file('draft', 'draft.txt'));
      const { id } = await context.subject.insert(row);
      assert.notEqual(id, key);
      await context.storedText(id, 'draft');
    },
  },
];
