import assert from 'node:assert/strict';
import { newWriteId } from '@fieldfile/storage/backend';
import type { StorageBehaviour } from './context.ts';

/** S2, S10: two clients of one id are one place. */
export const clients: readonly StorageBehaviour[] = [
  {
    id: 'S2.two-clients',
    title: "lets a second client see, replace, undo and delete the first one's objects",
    async run(context) {
      const other = await context.offered('reopen')();
      await context.storage.save('a.txt', 'one');
      assert.equal(await context.text('a.txt', other), 'one');
      assert.deepEqual(await context.names('', other), ['a.txt']);
      await other.replace('a.txt', 'two');
      assert.equal(await context.text('a.txt'), 'two');
      const { name, writeId } = await context.storage.create('b.txt', 'one');
      assert.equal(await other.undo(name, newWriteId()), 'foreign');
      assert.equal(await other.undo(name, writeId), 'removed');
      await other.delete('a.txt');
      await context.holds([]);
    },
  },
];
