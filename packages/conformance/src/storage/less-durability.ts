import assert from 'node:assert/strict';
import { patternBytes } from '../content/pattern.ts';
import { rejectsWith, sameBytes } from './assertions.ts';
import type { StorageBehaviour } from './context.ts';

const SIZE = 200_000;

/** S12: what can be made again is stored with less, where a write says so. */
export const lessDurability: readonly StorageBehaviour[] = [
  {
    id: 'S12.whole-or-absent',
    title: 'an object that need not survive a loss of power is whole after it, or not there',
    async run(context) {
      const crash = context.offered('crash');
      await context.storage.save('kept.bin', patternBytes(1, SIZE));
      await context.storage.save('made/again.bin', patternBytes(2, SIZE), { durability: 'whole' });
      const lock = await context.storage.create('made/lock', 'held', { durability: 'process-crash' });
      await context.storage.undo(lock.name, lock.writeId, { durability: 'process-crash' });
      assert.equal(await context.storage.exists('made/lock'), false);
      sameBytes(await context.read('made/again.bin'), patternBytes(2, SIZE));
      const after = await crash();
      sameBytes(await context.read('kept.bin', after), patternBytes(1, SIZE));
      if (await after.exists('made/again.bin'))
        sameBytes(await context.read('made/again.bin', after), patternBytes(2, SIZE));
    },
  },
  {
    id: 'S12.durable-beside',
    title: 'a save survives in a folder that was made for an object that need not',
    async run(context) {
      const crash = context.offered('crash');
      await context.storage.save('new/folder/again.bin', patternBytes(1, SIZE), {
        durability: 'process-crash',
      });
      await context.storage.save('new/folder/kept.bin', patternBytes(2, SIZE));
      sameBytes(await context.read('new/folder/kept.bin', await crash()), patternBytes(2, SIZE));
    },
  },
  {
    id: 'S12.unknown-durability',
    title: 'refuses a durability that there is not, and stores nothing',
    async run(context) {
      const options = { durability: 'none' as 'whole' };
      await rejectsWith('invalid-argument', context.storage.save('a.bin', 'a', options));
      assert.equal(await context.storage.exists('a.bin'), false);
    },
  },
];
