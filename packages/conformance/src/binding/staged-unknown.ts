import type { StagedFile } from '@fieldfile/core';
import { rejection, rejectsWith } from '../storage/assertions.ts';
import type { BindingBehaviour, BindingContext } from './context.ts';
import { caught, endTransaction } from './ended-by-database.ts';
import type { DocumentRow, RowOperations } from './options.ts';
import { fieldOf, stage } from './staged-files.ts';

type Rows = RowOperations<DocumentRow>;

/** H3, T8: a transaction whose end nobody knows has given a row its staged file, or the file waits for the rest of its time. */
export const stagedUnknown: readonly BindingBehaviour[] = [
  {
    id: 'H3.staged-lost-commit-before',
    title:
      'a staged file whose COMMIT did not reach the database waits for another row, and recovery leaves it alone',
    async run(context) {
      context.needs('journal', 'lost-commit');
      const staged = await taken(context, async () => context.subject.loseCommit?.('before'));
      await anotherRowTakes(context, staged);
    },
  },
  {
    id: 'H3.staged-lost-commit-after',
    title: 'a staged file whose COMMIT was carried out without an answer is its row’s and no other one’s',
    async run(context) {
      context.needs('journal', 'lost-commit');
      const staged = await taken(context, async () => context.subject.loseCommit?.('after'));
      const row = await context.find((await context.document('other.txt')).id);
      context.subject.assign(row, fieldOf(context).restage(staged.staged));
      await rejectsWith('intent-lost', context.subject.save(row, {}));
      await context.storedText(row.id, 'content of other.txt');
      await context.agrees();
    },
  },
  {
    id: 'H3.staged-ended',
    title:
      'a staged file whose transaction the database ended waits for another row, and recovery leaves it alone',
    async run(context) {
      context.needs('journal', 'ended-by-failure');
      const staged = await taken(context, rows => caught(endTransaction(context, rows, 'failing')));
      await anotherRowTakes(context, staged);
    },
  },
];

/** A row takes a staged file, in a transaction that fails by what `breaks` does last. */
async function taken(context: BindingContext, breaks: (rows: Rows) => Promise<unknown>): Promise<StagedFile> {
  const staged = await stage(context);
  const { id } = await context.document('old.txt');
  const transaction = context.subject.transaction(async rows => {
    const row = await context.find(id, rows);
    context.subject.assign(row, staged);
    await rows.save(row, {});
    await breaks(rows);
  });
  await rejection(transaction, 'the transaction');
  await context.recover();
  return staged;
}

async function anotherRowTakes(context: BindingContext, { staged }: StagedFile): Promise<void> {
  const row = await context.find((await context.document('other.txt')).id);
  context.subject.assign(row, fieldOf(context).restage(staged));
  await context.subject.save(row, {});
  await context.storedText(row.id, 'staged');
  await context.agrees();
}
