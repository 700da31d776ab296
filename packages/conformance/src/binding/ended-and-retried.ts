import assert from 'node:assert/strict';
import { isFieldFileError } from '@fieldfile/core';
import { rejection } from '../storage/assertions.ts';
import type { BindingBehaviour, BindingContext } from './context.ts';
import { caught, endTransaction } from './ended-by-database.ts';
import type { DocumentRow, RowOperations } from './options.ts';
import { serializationFailure } from './steps.ts';

type Rows = RowOperations<DocumentRow>;

/**
 * T8: what is written after the database has ended a transaction is committed at once. Work that has done so is not done
 * again, whatever error it ends with.
 */
export const endedAndRetried: readonly BindingBehaviour[] = [
  retried('other', 'and then fails with another error of that kind', async (context, rows) => {
    await caught(endTransaction(context, rows, 'failing'));
    await insert(context, rows);
    throw serializationFailure();
  }),
  retried('same', 'and then fails with that same error', async (context, rows) => {
    const error = await rejection(endTransaction(context, rows, 'failing'), 'the end of the transaction');
    await insert(context, rows);
    throw error;
  }),
  retried(
    'in-savepoint',
    'in a savepoint, and then fails with that same error',
    (context, rows) =>
      context.savepoint(rows, async inner => {
        const error = await rejection(
          endTransaction(context, inner, 'failing'),
          'the end of the transaction',
        );
        await insert(context, inner);
        throw error;
      }),
    true,
  ),
  retried(
    'after-savepoint',
    'in a savepoint, writes afterwards, and then fails with that same error',
    async (context, rows) => {
      const savepoint = context.savepoint(rows, inner => endTransaction(context, inner, 'failing'));
      const error = await rejection(savepoint, 'the savepoint');
      await insert(context, rows);
      throw error;
    },
    true,
  ),
  retried(
    'next-savepoint',
    'in a savepoint, writes in another one, and then fails with the error of the first',
    async (context, rows) => {
      const savepoint = context.savepoint(rows, inner => endTransaction(context, inner, 'failing'));
      const error = await rejection(savepoint, 'the savepoint');
      await caught(context.savepoint(rows, inner => insert(context, inner)));
      throw error;
    },
    true,
  ),
  retried(
    'failed-after',
    'and then fails twice, the last time with that same error',
    async (context, rows) => {
      const error = await rejection(endTransaction(context, rows, 'failing'), 'the end of the transaction');
      await insert(context, rows);
      await caught(rows.sql?.('INSERT INTO no_such_table (name) VALUES (1)') ?? Promise.resolve());
      throw error;
    },
  ),
  {
    id: 'T8.ended-retried-savepoint',
    title: 'a transaction that met a deadlock in a savepoint is tried again, and leaves one row',
    async run(context) {
      context.needs('ended-by-failure', 'deadlocks', 'retries', 'savepoints');
      let attempts = 0;
      await context.subject.transaction(
        async rows => {
          await rows.insert(rows.make({ name: 'of an attempt' }));
          await context.savepoint(rows, async inner => {
            if (++attempts === 1) await endTransaction(context, inner, 'failing');
          });
        },
        { attempts: 2 },
      );
      assert.equal(attempts, 2);
      assert.equal((await context.other.rows()).length, 1);
    },
  },
];

function retried(
  id: string,
  title: string,
  work: (context: BindingContext, rows: Rows) => Promise<unknown>,
  inSavepoint = false,
): BindingBehaviour {
  return {
    id: `T8.ended-not-retried-${id}`,
    title: `a transaction that goes on after the database ended it ${title}, is not tried again`,
    async run(context) {
      context.needs('ended-by-failure', 'unsaved-rows', ...(inSavepoint ? ['savepoints' as const] : []));
      const { lacks } = context.settings;
      let attempts = 0;
      const transaction = context.subject.transaction(
        async rows => {
          attempts++;
          await work(context, rows);
        },
        lacks.retries === undefined ? { attempts: 3 } : undefined, // where it tries nothing again, its caller may
      );
      const error = await rejection(transaction, 'the transaction');
      const written = (await context.other.rows()).length;
      assert.ok(written <= 1, `it was tried ${attempts} times, and wrote ${written} rows`);
      // With other errors nothing is tried again, and nobody need know more than that it failed.
      if (written === 1 && lacks.deadlocks === undefined)
        assert.ok(isFieldFileError(error, 'transaction-lost'), `nobody was told, but: ${error}`);
    },
  };
}

/** What is sent in a transaction that is no more: it may be written, or refused. */
const insert = (context: BindingContext, rows: Rows): Promise<unknown> =>
  caught(
    rows.sql
      ? rows.sql(`INSERT INTO documents (name) VALUES ('of an attempt')`)
      : rows.insert(context.subject.make({ name: 'of an attempt' })),
  );
