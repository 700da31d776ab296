import assert from 'node:assert/strict';
import { file, isFieldFileError, upload } from '@fieldfile/core';
import { rejection } from '../storage/assertions.ts';
import type { BindingBehaviour, BindingContext } from './context.ts';
import { type LateWork, outlives, withLateWork } from './late-work.ts';
import type { BindingFeature, DocumentRow, RowOperations } from './options.ts';
import {
  Abandoned,
  abandoned,
  brokenContent,
  replace,
  rolledBack,
  serializationFailure,
  statements,
} from './steps.ts';

type Rows = RowOperations<DocumentRow>;

/** What is done late, with a row that was loaded in the transaction. */
type Work = (of: {
  readonly context: BindingContext;
  readonly rows: Rows;
  readonly row: DocumentRow;
  readonly late: LateWork;
}) => Promise<unknown>;

/** T12: what goes on when its transaction has ended is refused, and leaves nothing. */
export const late: readonly BindingBehaviour[] = [
  {
    id: 'T12.late-save',
    title:
      'of two saves at once one fails: the transaction rejects with its error, and the other writes nothing',
    async run(context) {
      context.needs('save-in-transaction');
      const [one, two] = [await context.document('one.txt'), await context.document('two.txt')];
      const loaded: DocumentRow[] = [];
      await outlives(context, async late => {
        let first: unknown;
        const transaction = context.subject.transaction(async rows => {
          const [failing, slow] = [await context.find(one.id, rows), await context.find(two.id, rows)];
          loaded.push(failing, slow);
          const content = brokenContent(new Error('the source broke'), () => late.content.halfWay);
          await Promise.all([
            context
              .file(failing)
              .save(content, { name: 'broken.txt' })
              .catch(error => {
                first = error;
                throw error;
              }),
            late.begin(() => context.file(slow).save(late.content.stream, { name: 'slow.txt' })),
          ]);
        });
        const error = await rejection(transaction, 'the transaction');
        assert.match(String(error), /the source broke/);
        assert.equal(error, first, 'the transaction rejects with another error than the save');
      });
      await context.storedText(one.id, 'content of one.txt');
      await context.storedText(two.id, 'content of two.txt');
      for (const row of loaded) {
        const { name, pending } = context.file(row);
        assert.deepEqual([name, pending], [await context.storedName(row.id), false]);
      }
    },
  },
  lateWork('unawaited-save', 'handle.save', ['save-in-transaction'], ({ context, row, late }) =>
    context.file(row).save(late.content.stream, { name: 'late.txt' }),
  ),
  lateWork('late-delete', 'handle.delete', ['save-in-transaction'], async ({ context, row, late }) => {
    await late.mayGoOn();
    await context.file(row).delete();
  }),
  lateWork('late-remove', 'the removal of a row', [], async ({ rows, row, late }) => {
    await late.mayGoOn();
    await rows.remove(row);
  }),
  lateWork('late-assigned', 'a save of a row with an assigned file', ['unawaited-save'], saveAssigned, {
    endings: [committed],
  }),
  lateWork('late-assigned-rolled-back', 'a save of a row with an assigned file', [], saveAssigned, {
    endings: [rolledBack],
  }),
  lateWork('late-columns', 'a save of columns alone', [], async ({ rows, row, late }) => {
    await late.mayGoOn();
    await rows.save(row, { name: 'late' });
  }),
  lateWork('late-insert', 'an insert', [], ({ context, rows, late }) => {
    const row = rows.make({ name: 'late' });
    context.subject.assign(row, file(late.content.stream, 'late.txt'));
    return rows.insert(row);
  }),
  lateWork('late-update-all', 'a bulk update', ['bulk-update'], ({ context, rows, late }) =>
    context.offered(
      rows.updateAll,
      'updateAll',
    )({ avatar: file(late.content.stream, 'late.txt'), name: 'late' }),
  ),
  lateWork('late-remove-all', 'a bulk delete', ['bulk-delete'], async ({ context, rows, late }) => {
    await late.mayGoOn();
    await context.offered(rows.removeAll, 'removeAll')();
  }),
  lateWork('late-nested', 'a nested transaction', ['savepoints'], async of => {
    const { context, rows, row, late } = of;
    await late.mayGoOn();
    await context.savepoint(rows, inner => replace(context, inner, row, 'late'));
  }),
  lateWork(
    'late-deep',
    'handle.save two savepoints deep',
    ['savepoints', 'save-in-transaction'],
    ({ context, row, late }) => context.file(row).save(late.content.stream, { name: 'late.txt' }),
    { depth: 2 },
  ),
  {
    id: 'T12.late-commit-refused',
    title: 'a save that is under way when the database refuses the COMMIT is refused, too',
    async run(context) {
      context.needs('deferred-constraints', 'save-in-transaction');
      const { id } = await context.document('old.txt');
      await withLateWork(context, async late => {
        const transaction = context.subject.transaction(async rows => {
          await rows.insert(rows.make({ name: 'orphan', parent: 4711 }));
          const handle = context.file(await context.find(id, rows));
          late.begin(() => handle.save(late.content.stream, { name: 'late.txt' }));
          await context.soon(late.waits(), 'the upload');
        });
        await rejection(context.soon(transaction, 'the transaction'), 'the transaction');
        await context.recover();
        late.goOn();
        await late.isRefused(context);
      });
      await context.storedText(id, 'content of old.txt');
    },
  },
  ...(['released', 'rolled back'] as const).map(
    (ended): BindingBehaviour => ({
      id: `T12.late-savepoint-${ended.replace(' ', '-')}`,
      title: `work of a savepoint that was ${ended} is refused while its transaction goes on and commits`,
      async run(context) {
        context.needs('savepoints', 'save-in-transaction');
        const [one, two] = [await context.document('one.txt'), await context.document('two.txt')];
        await withLateWork(context, async late => {
          const transaction = context.subject.transaction(async rows => {
            const savepoint = context.savepoint(rows, async inner => {
              const handle = context.file(await context.find(one.id, inner));
              late.begin(() => handle.save(late.content.stream, { name: 'late.txt' }));
              await context.soon(late.waits(), 'the upload');
              if (ended === 'rolled back') throw new Abandoned();
            });
            await (ended === 'rolled back' ? abandoned(savepoint) : savepoint);
            late.goOn();
            await Promise.race([late.settled(), statements(context, 20)]);
            await replace(context, rows, await context.find(two.id, rows), 'goes on');
          });
          await context.soon(transaction, 'the transaction');
          await late.isRefused(context);
        });
        await context.storedText(one.id, 'content of one.txt');
        await context.storedText(two.id, 'goes on');
      },
    }),
  ),
  {
    id: 'T12.late-attempt',
    title: 'work of an attempt does not get into the next one of its transaction',
    async run(context) {
      context.needs('retries', 'save-in-transaction');
      const [one, two] = [await context.document('one.txt'), await context.document('two.txt')];
      await withLateWork(context, async late => {
        let attempts = 0;
        const transaction = context.subject.transaction(
          async rows => {
            if (++attempts === 1) {
              const handle = context.file(await context.find(one.id, rows));
              late.begin(() => handle.save(late.content.stream, { name: 'late.txt' }));
              await context.soon(late.waits(), 'the upload');
              throw serializationFailure();
            }
            late.goOn();
            await Promise.race([late.settled(), statements(context, 20)]);
            await replace(context, rows, await context.find(two.id, rows), 'second attempt');
          },
          { attempts: 2 },
        );
        await context.soon(transaction, 'the transaction');
        assert.equal(attempts, 2);
        await late.isRefused(context);
      });
      await context.storedText(one.id, 'content of one.txt');
      await context.storedText(two.id, 'second attempt');
    },
  },
  {
    id: 'T12.late-upload',
    title: 'an upload that ends after its transaction is refused, or stays with its row object to be saved',
    async run(context) {
      const { id } = await context.document('old.txt');
      const row = await context.find(id);
      context.subject.assign(row, file('new', 'new.txt'));
      await withLateWork(context, async late => {
        await context.soon(
          context.subject.transaction(async () => {
            late.begin(async () => {
              await late.mayGoOn();
              await upload(row);
            });
            await late.waits();
          }),
          'the transaction',
        );
        late.goOn();
        const [outcome] = await Promise.allSettled([context.soon(late.work, 'the upload')]);
        if (outcome?.status === 'rejected' && !isFieldFileError(outcome.reason, 'transaction-ended'))
          throw outcome.reason;
      });
      await context.subject.save(row, {});
      await context.storedText(id, 'new');
    },
  },
];

interface LateOptions {
  /** Savepoints around it. Default: 0. */
  readonly depth?: number;
  /** How the transaction ends. Default: by a COMMIT, and by a rollback. */
  readonly endings?: readonly (typeof committed)[];
}

/** Work that is under way when its transaction ends. */
function lateWork(
  id: string,
  what: string,
  needs: readonly BindingFeature[],
  work: Work,
  { depth = 0, endings = [committed, rolledBack] }: LateOptions = {},
): BindingBehaviour {
  return {
    id: `T12.${id}`,
    title: `${what} whose transaction has ended meanwhile is refused and changes nothing`,
    async run(context) {
      context.needs(...needs);
      for (const end of endings) {
        const { id } = await context.document('old.txt');
        await outlives(context, late =>
          end(context, rows =>
            nested(context, rows, depth, async inner => {
              const row = await context.find(id, inner);
              late.begin(() => work({ context, rows: inner, row, late }));
              await context.soon(late.waits(), 'the beginning of the work');
            }),
          ),
        );
        await context.storedText(id, 'content of old.txt');
      }
    },
  };
}

async function saveAssigned({ context, rows, row, late }: Parameters<Work>[0]): Promise<void> {
  context.subject.assign(row, file(late.content.stream, 'late.txt'));
  await rows.save(row, { name: 'late' });
}

async function committed(context: BindingContext, work: (rows: Rows) => Promise<void>): Promise<void> {
  await context.subject.transaction(work);
}

/** Runs work as many savepoints deep. */
async function nested(
  context: BindingContext,
  rows: Rows,
  depth: number,
  work: (rows: Rows) => Promise<void>,
): Promise<void> {
  if (depth === 0) await work(rows);
  else await context.savepoint(rows, inner => nested(context, inner, depth - 1, work));
}
