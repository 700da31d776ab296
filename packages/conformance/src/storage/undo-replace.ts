import assert from 'node:assert/strict';
import { newWriteId } from '@fieldfile/storage/backend';
import { before, lostAnswer, refused, timedOut } from '../faults/fault.ts';
import { rejectsWith } from './assertions.ts';
import type { StorageBehaviour } from './context.ts';

/** S2: taking back a replacement would leave nothing, since the old object does not come back. */
export const undoReplace: readonly StorageBehaviour[] = [
  {
    id: 'S2.undo-kept',
    title: 'leaves the object of a replacement whose object is to be kept',
    async run(context) {
      const name = await context.storage.save('folder/a.txt', 'one');
      const writeId = newWriteId();
      await context.storage.replace(name, 'two', { writeId });
      assert.notEqual(await context.storage.undo(name, writeId, { keepObject: true }), 'absent');
      assert.equal(await context.text(name), 'two');
      await context.holds([name]);
    },
  },
  {
    id: 'S2.undo-kept-unfinished',
    title: 'leaves the object that a replacement was to replace',
    async run(context) {
      const name = await context.storage.save('a.txt', 'one');
      const writeId = newWriteId();
      const storage = context.faulty([
        { on: 'replace', fault: lostAnswer() },
        { on: 'findWrite', fault: before(refused) },
        { on: 'info', fault: before(refused) },
        { on: 'undo', fault: before(refused) },
      ]);
      const error = await rejectsWith('timeout', storage.replace(name, 'two', { writeId }));
      assert.equal(error.applied, 'unknown');
      await context.storage.undo(name, writeId, { keepObject: true });
      assert.equal(await context.text(name), 'two');
      assert.equal(await context.storage.undo('absent.txt', newWriteId(), { keepObject: true }), 'absent');
    },
  },
  {
    id: 'S2.replace-unanswered',
    title: "says applied 'unknown' of a replacement whose request may still arrive",
    async run(context) {
      const name = await context.storage.save('a.txt', 'one');
      const storage = context.faulty([{ on: 'replace', fault: before(timedOut) }]);
      const error = await rejectsWith('timeout', storage.replace(name, 'two'));
      assert.equal(error.applied, 'unknown');
      assert.equal(await context.text(name), 'one');
    },
  },
];
