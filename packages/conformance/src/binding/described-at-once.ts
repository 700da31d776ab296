import assert from 'node:assert/strict';
import type { Journal } from '@fieldfile/core/journal';
import { Skip } from '../contract/behaviour.ts';
import { rejection } from '../storage/assertions.ts';
import type { BindingBehaviour } from './context.ts';

/** T13, T15: with a driver that answers at once, the columns that tell of replaced bytes and the entry are of one transaction. */
export const describedAtOnce: readonly BindingBehaviour[] = [
  {
    id: 'T15.described',
    title:
      'columns that tell of replaced bytes are not written where the entry cannot be taken with them, and recovery is left the entry',
    field: { columns: { size: 'size' as 'id' } },
    async run(context) {
      assert.ok(context.synchronous);
      const { journal } = context.subject;
      if (!journal) throw new Skip('open() offers no journal');
      const { id } = await context.document('old.txt');
      const row = await context.find(id);
      /** Whether the row had its columns already: of the transaction that is about to commit, nobody else sees them. */
      let seen: Promise<unknown> | undefined;
      const mended = failingOnce(journal, () => {
        seen = context.stored(id).then(({ size }) => size);
      });
      try {
        await rejection(Promise.resolve(context.file(row).stored?.replace('other bytes')), 'the replacement');
      } finally {
        mended();
      }
      assert.equal(await seen, null);
      assert.equal((await context.stored(id)).size, null);
      assert.equal((await journal.entries()).length, 1, 'the entry is gone');
      await context.recover();
      await context.agrees();
      await context.file(await context.find(id)).stored?.replace('last');
      assert.equal((await context.stored(id)).size, 'last'.length);
    },
  },
];

/** Entries cannot be taken at once. @returns what mends the journal. */
function failingOnce(journal: Journal, met: () => void): () => void {
  const own = Object.getOwnPropertyDescriptor(journal, 'takeSync');
  Object.defineProperty(journal, 'takeSync', {
    configurable: true,
    value() {
      met();
      throw new Error('The journal is full.');
    },
  });
  return () => {
    if (own) Object.defineProperty(journal, 'takeSync', own);
    else Reflect.deleteProperty(journal, 'takeSync');
  };
}
