import assert from 'node:assert/strict';
import { file } from '@fieldfile/core';
import { rejection, rejectsWith } from '../storage/assertions.ts';
import type { BindingBehaviour, BindingContext } from './context.ts';
import type { DocumentRow, RowOperations } from './options.ts';

/** T1: nothing is stored that the journal does not know of. */
export const journaling: readonly BindingBehaviour[] = [
  {
    id: 'T1.intent-first',
    title: 'an intent is committed before the first byte, and gone when all is done',
    async run(context) {
      context.needs('journal');
      const { journal } = context.subject;
      const { id } = await context.document('old.txt');
      const handle = context.file(await context.find(id));
      let seen: readonly unknown[] = [];
      async function* content(): AsyncGenerator<Uint8Array> {
        seen = (await journal?.entries())?.map(({ kind, state, field }) => [kind, state, field]) ?? [];
        yield new TextEncoder().encode('new');
      }
      await handle.save(content(), { name: 'new.txt' });
      assert.deepEqual(seen, [['store', 'open', 'avatar']]);
    },
  },
  {
    id: 'T1.journal-unwritable-save',
    title: 'with a journal that cannot be written handle.save stores and writes nothing',
    async run(context) {
      const { id } = await context.document('old.txt');
      const row = await context.find(id);
      await withoutJournal(context, () =>
        rejectsWith('journal', context.file(row).save('new', { name: 'new.txt' })),
      );
      await unchanged(context, id);
    },
  },
  {
    id: 'T1.journal-unwritable-assigned',
    title: 'with a journal that cannot be written an assigned file is not stored and its row not written',
    async run(context) {
      const { id } = await context.document('old.txt');
      const row = await context.find(id);
      context.subject.assign(row, file('new', 'new.txt'));
      await withoutJournal(context, () =>
        rejectsWith('journal', context.subject.save(row, { name: 'renamed' })),
      );
      await unchanged(context, id);
    },
  },
  {
    id: 'T1.journal-unwritable-insert',
    title: 'with a journal that cannot be written a row with a file is not inserted',
    async run(context) {
      await withoutJournal(context, () => rejectsWith('journal', context.document('new.txt')));
      assert.deepEqual(await context.other.rows(), []);
    },
  },
  {
    id: 'T1.journal-unwritable-remove',
    title: 'with a journal that cannot be written no row with a file is removed',
    async run(context) {
      const { id } = await context.document('old.txt');
      const row = await context.find(id);
      await withoutJournal(context, () => rejection(context.subject.remove(row), 'the removal'));
      await unchanged(context, id);
    },
  },
  {
    id: 'T1.fence-lost-save',
    title: 'a transaction in which handle.save lost its intent cannot commit, whoever catches the error',
    async run(context) {
      context.needs('journal', 'save-in-transaction');
      const { id } = await context.document('old.txt');
      const handle = context.file(await context.find(id));
      await cannotCommit(context, id, () =>
        rejectsWith('intent-lost', handle.save(losingItsIntent(context), { name: 'new.txt' })),
      );
    },
  },
  {
    id: 'T1.fence-lost-assigned',
    title: 'a transaction in which a row was written with a file that lost its intent cannot commit',
    async run(context) {
      context.needs('journal');
      const { id } = await context.document('old.txt');
      await cannotCommit(context, id, async rows => {
        const row = await context.find(id, rows);
        context.subject.assign(row, file(losingItsIntent(context), 'new.txt'));
        await rows.save(row, { name: 'renamed' }).catch(() => {});
      });
    },
  },
  {
    id: 'T1.fence-lost-savepoint',
    title: 'an intent lost in a savepoint rolls that back, and the transaction may commit',
    async run(context) {
      context.needs('journal', 'save-in-transaction', 'savepoints');
      const { id } = await context.document('old.txt');
      await context.subject.transaction(async rows => {
        const handle = context.file(await context.find(id, rows));
        const releasing = context.savepoint(rows, () =>
          rejectsWith('intent-lost', handle.save(losingItsIntent(context), { name: 'lost.txt' })),
        );
        await rejectsWith('intent-lost', releasing);
        await handle.save('new', { name: 'new.txt' });
      });
      await context.storedText(id, 'new');
    },
  },
];

/** Content at whose end recovery has taken the intent, as when its uploader slept past the lease, and finished. */
async function* losingItsIntent({ subject: { journal } }: BindingContext): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode('lost');
  for (const { id } of (await journal?.entries()) ?? []) await journal?.end(id);
}

/** Whatever the work catches, its transaction is rolled back, and what it stored is undone. */
async function cannotCommit(
  context: BindingContext,
  id: number,
  work: (rows: RowOperations<DocumentRow>) => Promise<unknown>,
): Promise<void> {
  await rejectsWith('intent-lost', context.subject.transaction(work));
  await unchanged(context, id, 2);
}

async function withoutJournal(context: BindingContext, work: () => Promise<unknown>): Promise<void> {
  context.needs('journal');
  const mend = await context.offered(context.subject.breakJournal, 'breakJournal').call(context.subject);
  try {
    await work();
  } finally {
    await mend();
  }
}

async function unchanged(context: BindingContext, id: number, stored = 1): Promise<void> {
  await context.storedText(id, 'content of old.txt');
  assert.equal((await context.stored(id)).name, 'a document');
  assert.equal(context.calls.filter(({ operation }) => operation === 'create').length, stored);
}
