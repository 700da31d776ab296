import assert from 'node:assert/strict';
import { file } from '@fieldfile/core';
import { rejection, rejectsWith } from '../storage/assertions.ts';
import type { BindingBehaviour, BindingContext } from './context.ts';
import { withLateWork } from './late-work.ts';
import type { DocumentRow, RowOperations } from './options.ts';
import { Abandoned, abandoned, replace, statements } from './steps.ts';

type Rows = RowOperations<DocumentRow>;

/** T12: what one transaction does at once is done one after another on its connection. */
export const siblings: readonly BindingBehaviour[] = [
  {
    id: 'T12.siblings',
    title:
      'of 25 savepoints at once every fifth fails: the others keep their files, and these their old ones',
    async run(context) {
      context.needs('savepoints', 'save-in-transaction');
      const ids = await documents(context, 25);
      const transaction = context.subject.transaction(rows =>
        Promise.allSettled(
          ids.map((id, index) =>
            context.savepoint(rows, async inner => {
              const row = await context.find(id, inner);
              if (index % 2 === 0) await replace(context, inner, row, `new ${id}`);
              else await context.file(row).save(`new ${id}`, { name: `new ${id}.txt` });
              if (index % 5 === 0) throw new Abandoned();
            }),
          ),
        ),
      );
      const outcomes = await context.soon(transaction, 'the transaction');
      for (const [index, id] of ids.entries()) {
        const fails = index % 5 === 0;
        settledAs(outcomes[index], fails);
        await context.storedText(id, fails ? 'content of old.txt' : `new ${id}`);
      }
    },
  },
  {
    id: 'T12.siblings-nested',
    title: 'savepoints at once with savepoints at once in each: every one takes back its own files',
    async run(context) {
      context.needs('savepoints');
      const [outer, inner] = [3, 4];
      const ids = await documents(context, outer * inner);
      const group = (rows: Rows, one: number): Promise<void> =>
        context.savepoint(rows, async between => {
          const outcomes = await Promise.allSettled(
            ids.slice(one * inner, (one + 1) * inner).map((id, index) =>
              context.savepoint(between, async innermost => {
                await replace(context, innermost, await context.find(id, innermost), `new ${id}`);
                if (index === 2) throw new Abandoned();
              }),
            ),
          );
          for (const [index, outcome] of outcomes.entries()) settledAs(outcome, index === 2);
          if (one === 1) throw new Abandoned();
        });
      const transaction = context.subject.transaction(rows =>
        Promise.allSettled(Array.from({ length: outer }, (_, one) => group(rows, one))),
      );
      const outcomes = await context.soon(transaction, 'the transaction');
      for (const [one, outcome] of outcomes.entries()) settledAs(outcome, one === 1);
      for (const [index, id] of ids.entries()) {
        const fails = index % inner === 2 || Math.floor(index / inner) === 1;
        await context.storedText(id, fails ? 'content of old.txt' : `new ${id}`);
      }
    },
  },
  {
    id: 'T12.sibling-waits',
    title: 'a savepoint may wait for one that was begun before it',
    async run(context) {
      context.needs('savepoints');
      const [one = 0, two = 0] = await documents(context, 2);
      const write = async (rows: Rows, id: number): Promise<void> =>
        replace(context, rows, await context.find(id, rows), `new ${id}`);
      const transaction = context.subject.transaction(async rows => {
        const earlier = context.savepoint(rows, inner => write(inner, one));
        const later = context.savepoint(rows, async inner => {
          await earlier;
          await write(inner, two);
        });
        await Promise.all([earlier, later]);
      });
      await context.soon(transaction, 'the transaction');
      for (const id of [one, two]) await context.storedText(id, `new ${id}`);
    },
  },
  {
    id: 'T12.beside-savepoint',
    title: 'what the transaction itself writes beside a savepoint that is rolled back stays',
    async run(context) {
      context.needs('savepoints', 'save-in-transaction');
      for (const write of [inPlace, assigned, inserted]) {
        const [within = 0, beside = 0] = await documents(context, 2);
        let written = beside;
        const transaction = context.subject.transaction(async rows => {
          const row = await context.find(beside, rows);
          const [begun, called] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
          const undone = abandoned(
            context.savepoint(rows, async inner => {
              await replace(context, inner, await context.find(within, inner), 'undone');
              begun.resolve();
              await called.promise;
              await statements(context, 5);
              throw new Abandoned();
            }),
          );
          await Promise.race([begun.promise, undone]);
          const writing = write(context, rows, row);
          called.resolve();
          await Promise.allSettled([undone, writing]);
          await undone;
          written = await writing;
        });
        await context.soon(transaction, 'the transaction');
        await context.storedText(within, 'content of old.txt');
        await context.storedText(written, 'written beside');
      }
    },
  },
  {
    id: 'T12.unawaited-savepoint',
    title: 'a transaction whose work ends while a savepoint of it is open is refused, and leaves nothing',
    async run(context) {
      context.needs('savepoints');
      const [one = 0, two = 0] = await documents(context, 2);
      await withLateWork(context, async late => {
        const transaction = context.subject.transaction(async rows => {
          await replace(context, rows, await context.find(one, rows), 'undone');
          const row = await context.find(two, rows);
          late.begin(() =>
            context.savepoint(rows, async inner => {
              await late.mayGoOn();
              await replace(context, inner, row, 'late');
            }),
          );
          await late.waits();
        });
        await rejectsWith('transaction-ended', context.soon(transaction, 'the transaction'));
        late.goOn();
        await late.isRefused(context);
      });
      for (const id of [one, two]) await context.storedText(id, 'content of old.txt');
    },
  },
  ...(['savepoint', 'save'] as const).map(
    (what): BindingBehaviour => ({
      id: `T12.waits-for-later-${what}`,
      title: `a savepoint that waits for a ${what} that was begun later is told so, and its transaction can be rolled back`,
      siblingWaitSeconds: 0.1,
      async run(context) {
        context.needs('savepoints', 'save-in-transaction');
        const [id = 0] = await documents(context, 1);
        const errors: unknown[] = [];
        const transaction = context.subject.transaction(async rows => {
          const row = await context.find(id, rows);
          const [begun, later] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
          const waiting = context.savepoint(rows, async () => {
            begun.resolve();
            await later.promise;
          });
          await Promise.race([begun.promise, waiting]);
          const begunLater =
            what === 'savepoint'
              ? context.savepoint(rows, inner => replace(context, inner, row, 'new'))
              : context.file(row).save('new', { name: 'new.txt' });
          later.resolve(begunLater);
          const [error] = await Promise.all([
            rejectsWith('timeout', begunLater, `the ${what}`),
            rejectsWith('timeout', waiting, 'the savepoint'),
          ]);
          errors.push(error);
          throw error;
        });
        const error = await rejection(context.soon(transaction, 'the transaction'), 'the transaction');
        if (errors.length === 0) throw error;
        assert.equal(error, errors[0]);
        assert.match(String(error), /later/);
        await context.storedText(id, 'content of old.txt');
      },
    }),
  ),
  {
    id: 'T12.saves-at-once',
    title: 'files of two rows that are saved at once in one transaction are both there when it has committed',
    async run(context) {
      context.needs('save-in-transaction');
      for (const write of [inPlace, assigned]) {
        const ids = await documents(context, 2);
        const transaction = context.subject.transaction(async rows => {
          const loaded = [];
          for (const id of ids) loaded.push(await context.find(id, rows));
          await Promise.all(loaded.map(row => write(context, rows, row)));
        });
        await context.soon(transaction, 'the transaction');
        for (const id of ids) await context.storedText(id, 'written beside');
      }
    },
  },
];

/** Rows with a file each. @returns their ids. */
async function documents(context: BindingContext, count: number): Promise<number[]> {
  const ids: number[] = [];
  while (ids.length < count) ids.push((await context.document('old.txt')).id);
  return ids;
}

function settledAs(outcome: PromiseSettledResult<unknown> | undefined, fails: boolean): void {
  if (outcome?.status === 'rejected' && !(outcome.reason instanceof Abandoned)) throw outcome.reason;
  assert.equal(outcome?.status, fails ? 'rejected' : 'fulfilled');
}

/** Ways to write a file. @returns the row's id. */
type WriteFile = (context: BindingContext, rows: Rows, row: DocumentRow) => Promise<number>;

const inPlace: WriteFile = async (context, _rows, row) => {
  await context.file(row).save('written beside', { name: 'beside.txt' });
  return row.id;
};

const assigned: WriteFile = async (context, rows, row) => {
  await replace(context, rows, row, 'written beside');
  return row.id;
};

const inserted: WriteFile = async (context, rows) => {
  const row = rows.make({ name: 'beside' });
  context.subject.assign(row, file('written beside', 'beside.txt'));
  return (await rows.insert(row)).id;
};
