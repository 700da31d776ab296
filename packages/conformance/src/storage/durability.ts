import assert from 'node:assert/strict';
import { patternBytes, patternStream } from '../content/pattern.ts';
import { gatedStream } from '../content/streams.ts';
import { sameBytes } from './assertions.ts';
import type { StorageBehaviour } from './context.ts';

const SIZE = 200_000;

/** S12: what was acknowledged survives a loss of power. */
export const durability: readonly StorageBehaviour[] = [
  {
    id: 'S12.save-survives',
    title: 'keeps an acknowledged save, in a new folder too, when the power fails',
    async run(context) {
      const crash = context.offered('crash');
      await context.storage.save('a.bin', patternBytes(1, SIZE));
      await context.storage.save('new/deep/folder/b.bin', patternStream(2, SIZE));
      const { name, writeId } = await context.storage.create('unsettled.bin', patternBytes(3, SIZE));
      const after = await crash();
      sameBytes(await context.read('a.bin', after), patternBytes(1, SIZE));
      sameBytes(await context.read('new/deep/folder/b.bin', after), patternBytes(2, SIZE));
      sameBytes(await context.read(name, after), patternBytes(3, SIZE));
      await after.settle(name, writeId);
    },
  },
  {
    id: 'S12.replace-survives',
    title: 'keeps an acknowledged replace when the power fails',
    async run(context) {
      const crash = context.offered('crash');
      await context.storage.save('a.bin', patternBytes(1, SIZE));
      await context.storage.replace('a.bin', patternBytes(2, SIZE));
      sameBytes(await context.read('a.bin', await crash()), patternBytes(2, SIZE));
    },
  },
  {
    id: 'S12.unfinished-replace',
    title: 'keeps the old content when the power fails during a replace, and nothing of an unfinished save',
    async run(context) {
      const crash = context.offered('crash');
      await context.storage.save('a.bin', patternBytes(1, SIZE));
      const replacing = gatedStream(patternBytes(2, SIZE));
      const saving = gatedStream(patternBytes(3, SIZE));
      const lost = [context.storage.replace('a.bin', replacing), context.storage.save('b.bin', saving)];
      await Promise.race([Promise.all([replacing.halfWay, saving.halfWay]), Promise.all(lost)]);
      const after = await crash();
      sameBytes(await context.read('a.bin', after), patternBytes(1, SIZE));
      assert.equal(await after.exists('b.bin'), false);
      replacing.open();
      saving.open();
      await Promise.allSettled(lost);
    },
  },
];
