import assert from 'node:assert/strict';
import { isFieldFileError } from '@fieldfile/core';
import { rejection } from '../storage/assertions.ts';
import type { BindingBehaviour, BindingContext } from './context.ts';
import type { BindingFeature, DocumentRow, EndOfTransaction, RowOperations } from './options.ts';
import { Abandoned, replace } from './steps.ts';

type Rows = RowOperations<DocumentRow>;
type How = Exclude<EndOfTransaction, 'connection'>;

const WORDS: Readonly<Record<How, string>> = {
  failing: 'with an error that was caught',
  silently: 'without an error',
};
const FEATURES: Readonly<Record<How, BindingFeature>> = {
  failing: 'ended-by-failure',
  silently: 'ended-silently',
};

/**
 * T8: a database may end a transaction by itself, and commits at once what comes later. Then nobody knows what is written:
 * no object is touched, the caller is told, and recovery asks the rows.
 */
export const endedByDatabase: readonly BindingBehaviour[] = [
  ...(['failing', 'silently'] as const).flatMap(how =>
    [true, false].flatMap(journaled => ended(how, journaled)),
  ),
  {
    id: 'T8.ended-thrown',
    title: 'a transaction that fails with the error by which the database ended it is rolled back',
    async run(context) {
      context.needs('ended-by-failure');
      const { id } = await context.document('old.txt');
      const row = await context.find(id);
      const error = await rejection(
        context.subject.transaction(async rows => {
          await replace(context, rows, row, 'new');
          await endTransaction(context, rows, 'failing');
        }),
        'the transaction',
      );
      assert.equal(isFieldFileError(error, 'transaction-lost'), false, 'nothing is unknown here');
      await context.storedText(id, 'content of old.txt');
    },
  },
  {
    id: 'T8.ended-retried',
    title: 'a transaction that met a deadlock is tried again, and leaves one object',
    async run(context) {
      context.needs('ended-by-failure', 'deadlocks', 'retries');
      const { id } = await context.document('old.txt');
      const row = await context.find(id);
      let attempts = 0;
      await context.subject.transaction(
        async rows => {
          await replace(context, rows, row, 'new');
          if (++attempts === 1) await endTransaction(context, rows, 'failing');
        },
        { attempts: 2 },
      );
      assert.equal(attempts, 2);
      await context.storedText(id, 'new');
    },
  },
];

function ended(how: How, journaled: boolean): BindingBehaviour[] {
  const [suffix, words] = journaled
    ? [how, WORDS[how]]
    : [`${how}-unjournaled`, `${WORDS[how]}, without a journal`];
  const behaviour = (
    id: string,
    title: string,
    work: (context: BindingContext, rows: Rows) => Promise<unknown>,
    ...features: readonly BindingFeature[]
  ): BindingBehaviour => ({
    id: `T8.ended-${id}${suffix}`,
    title: `a transaction that the database ended ${words} ${title}`,
    journaled,
    async run(context) {
      context.needs(FEATURES[how], ...features);
      const [one, two, three] = [
        await context.document('one.txt'),
        await context.document('two.txt'),
        await context.document('three.txt'),
      ];
      /** The driver itself sends nothing more. */
      let isRefused = false;
      const transaction = context.subject.transaction(async rows => {
        await replace(context, rows, await context.find(one.id, rows), 'before');
        await work(context, rows);
        // What comes later may be written, or refused.
        const [found] = await Promise.allSettled([context.find(two.id, rows)]);
        isRefused = found.status === 'rejected';
        await caught(later(context, rows, two.id, three.id));
        if (id.startsWith('rolled-back')) throw new Abandoned();
      });
      const error = await rejection(transaction, 'the transaction');
      assert.ok(isRefused || isFieldFileError(error, 'transaction-lost'), `nobody was told, but: ${error}`);
      await context.recover();
      await everyRowHasItsFile(context);
      if (!journaled) await removeOrphans(context); // which nobody could know of
    },
  });
  return [
    behaviour('', 'is not taken for committed', (context, rows) =>
      caught(endTransaction(context, rows, how)),
    ),
    behaviour('rolled-back-', 'is not taken for rolled back', (context, rows) =>
      caught(endTransaction(context, rows, how)),
    ),
    behaviour(
      'in-savepoint-',
      'within a savepoint is not taken for committed',
      (context, rows) =>
        caught(
          context.savepoint(rows, async inner => {
            await endTransaction(context, inner, how);
          }),
        ),
      'savepoints',
    ),
    behaviour(
      'rolled-back-in-savepoint-',
      'within a savepoint that caught it is not taken for rolled back',
      (context, rows) =>
        caught(
          context.savepoint(rows, async inner => {
            await caught(endTransaction(context, inner, how));
            throw new Abandoned();
          }),
        ),
      'savepoints',
    ),
  ];
}

/** Has the database end the transaction of `rows`. */
export const endTransaction = (context: BindingContext, rows: Rows, how: EndOfTransaction): Promise<void> =>
  context.offered(context.subject.endTransaction, 'endTransaction').call(context.subject, rows, how);

/** What comes after the end: it may be written at once, or refused. */
export async function later(
  context: BindingContext,
  rows: Rows,
  replaced: number,
  removed: number,
): Promise<void> {
  await caught(replace(context, rows, await context.find(replaced, rows), 'after'));
  await rows.remove(await context.find(removed, rows));
}

export const caught = (work: Promise<unknown>): Promise<unknown> => Promise.allSettled([work]);

export async function everyRowHasItsFile(context: BindingContext): Promise<void> {
  const objects = await context.objects();
  for (const { id, avatar } of await context.other.rows())
    assert.ok(avatar !== null && objects.includes(avatar), `row ${id} names ${avatar}, which is gone`);
}

/** Objects that nobody could know of. */
export async function removeOrphans(context: BindingContext): Promise<void> {
  const named = (await context.other.rows()).map(({ avatar }) => avatar);
  for (const name of await context.objects()) if (!named.includes(name)) await context.storage.delete(name);
}
