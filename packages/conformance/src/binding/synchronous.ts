import assert from 'node:assert/strict';
import { type ErrorCode, type FieldFileError, file, isFieldFileError, upload } from '@fieldfile/core';
import { Skip } from '../contract/behaviour.ts';
import { rejection, rejectsWith, turn } from '../storage/assertions.ts';
import type { BindingBehaviour, BindingContext } from './context.ts';
import type { DocumentRow, SyncRowOperations } from './options.ts';
import { Abandoned, brokenContent } from './steps.ts';

type Rows = SyncRowOperations<DocumentRow>;

const behaviours: readonly BindingBehaviour[] = [
  {
    id: 'T15.commit',
    title: 'a replaced object goes after the COMMIT, not before, and nothing is waited for',
    async run(context) {
      const [row] = await uploaded(context, 'old.txt');
      const began = context.calls.length;
      context.synchronous.transaction(rows => {
        rows.save(row, { name: 'renamed' });
        assert.equal(rows.find(row.id)?.name, 'renamed');
        assert.equal(context.file(row).stored?.name, context.file(row).name);
      });
      assert.equal(context.calls.length, began, 'the storage was asked for something meanwhile');
      assert.equal((await context.stored(row.id)).name, 'renamed');
      await context.synchronous.settled();
      await context.agrees();
      await context.storedText(row.id, 'new old.txt');
    },
  },
  {
    id: 'T15.insert',
    title: 'a draft whose file is uploaded is inserted, and has its key and its columns at once',
    field: { columns: { size: 'size' as 'id' } },
    async run(context) {
      const row = await draft(context, 'a.txt');
      const { id } = context.synchronous.transaction(rows => rows.insert(row));
      assert.equal(context.file(row).pending, false);
      await context.storedText(id, 'new a.txt');
      assert.equal((await context.stored(id)).size, 'new a.txt'.length);
    },
  },
  {
    id: 'T15.rollback-insert',
    title: 'an insert that is rolled back leaves no object, and the draft can be inserted again',
    async run(context) {
      const row = await draft(context, 'a.txt');
      rolledBack(context, rows => void rows.insert(row));
      await context.synchronous.settled();
      assert.deepEqual([await context.other.rows(), await context.objects()], [[], []]);
      await upload(row);
      const { id } = context.synchronous.transaction(rows => rows.insert(row));
      await context.storedText(id, 'new a.txt');
    },
  },
  {
    id: 'T15.rollback-replace',
    title: 'after a rollback what was assigned is pending again at once, and can be saved',
    async run(context) {
      const [row] = await uploaded(context, 'old.txt');
      const oldName = await context.storedName(row.id);
      rolledBack(context, rows => rows.save(row, { name: 'never' }));
      assert.equal(context.file(row).pending, true);
      assert.deepEqual(
        [await context.storedName(row.id), (await context.stored(row.id)).name],
        [oldName, 'a document'],
      );
      await context.synchronous.settled();
      await context.agrees();
      await context.subject.save(row, {});
      await context.storedText(row.id, 'new old.txt');
    },
  },
  {
    id: 'T15.remove',
    title: 'the object of a removed row goes after the COMMIT, and stays when the removal is rolled back',
    async run(context) {
      const [one, two] = [await context.document('one.txt'), await context.document('two.txt')];
      rolledBack(context, rows => rows.remove(found(rows, one.id)));
      context.synchronous.transaction(rows => rows.remove(found(rows, two.id)));
      await context.synchronous.settled();
      await context.agrees();
      assert.deepEqual(
        (await context.other.rows()).map(({ id }) => id),
        [one.id],
      );
      await context.storedText(one.id, 'content of one.txt');
    },
  },
  {
    id: 'T15.remove-all',
    title: 'objects of rows that one statement removes go after the COMMIT',
    async run(context) {
      for (const name of ['one.txt', 'two.txt']) await context.document(name);
      context.synchronous.transaction(rows => rows.removeAll());
      await context.synchronous.settled();
      assert.deepEqual([await context.other.rows(), await context.objects()], [[], []]);
    },
  },
  {
    id: 'T15.insert-and-remove',
    title: 'a row inserted and removed in one transaction leaves nothing',
    async run(context) {
      const row = await draft(context, 'brief.txt');
      context.synchronous.transaction(rows => {
        const { id } = rows.insert(row);
        rows.remove(found(rows, id));
      });
      await context.synchronous.settled();
      assert.deepEqual([await context.other.rows(), await context.objects()], [[], []]);
    },
  },
  {
    id: 'T15.clear',
    title: 'a file that is cleared needs no upload',
    async run(context) {
      const row = await context.find((await context.document('old.txt')).id);
      context.subject.assign(row, null);
      rolledBack(context, rows => rows.save(row, {}));
      await context.storedText(row.id, 'content of old.txt');
      context.subject.assign(row, null);
      context.synchronous.transaction(rows => rows.save(row, {}));
      await context.synchronous.settled();
      assert.deepEqual([await context.storedName(row.id), await context.objects()], [null, []]);
    },
  },
  ...(['insert', 'save'] as const).map(
    (how): BindingBehaviour => ({
      id: `T15.not-uploaded-${how}`,
      title: `a file that was not uploaded is refused in time (${how}); the error says how, and the rest can be committed`,
      async run(context) {
        const beside = await context.find((await context.document('beside.txt')).id);
        const row =
          how === 'insert'
            ? context.subject.make({ name: 'new' })
            : await context.find((await context.document('old.txt')).id);
        context.subject.assign(row, file('new', 'new.txt'));
        context.subject.assign(row, file('cover', 'cover.txt'), 'cover');
        const before = context.calls.length;
        context.synchronous.transaction(rows => {
          rows.save(beside, { name: 'beside' });
          const error = throwsWith('unsupported', () => write(rows, row, how));
          assert.match(error.message, /upload\(/);
          assert.equal(error.applied, false);
        });
        assert.equal(context.calls.length, before);
        assert.equal((await context.stored(beside.id)).name, 'beside');
        assert.equal((await context.other.rows()).length, how === 'insert' ? 1 : 2);
        await upload(row);
        context.synchronous.transaction(rows => write(rows, row, how));
        await context.synchronous.settled();
        await context.storedText(row.id, 'new');
      },
    }),
  ),
  {
    id: 'T15.promise',
    title: 'work that returns a promise is refused and rolled back, and what it does later, too',
    async run(context) {
      const [row, other] = await uploaded(context, 'old.txt', 'other.txt');
      assert.ok(other);
      let later: Promise<unknown> = Promise.resolve();
      const error = throwsWith('unsupported', () =>
        context.synchronous.transaction(rows => {
          later = (async () => {
            rows.save(row, { name: 'never' });
            await turn();
            rows.save(other, { name: 'never' });
          })();
          return later;
        }),
      );
      assert.match(error.message, /promise/);
      await rejectsWith('transaction-ended', later, 'what goes on');
      await context.synchronous.settled();
      await context.storedText(row.id, 'content of old.txt');
      for (const { name } of await context.other.rows()) assert.equal(name, 'a document');
      await context.subject.save(other, {}); // its file is still there
      await context.storedText(other.id, 'new other.txt');
    },
  },
  {
    id: 'T15.late',
    title: 'what goes on after its transaction is refused, stores and writes nothing',
    async run(context) {
      const { id } = await context.document('old.txt');
      for (const end of [committed, rolledBack])
        for (const work of LATE) {
          const gate = Promise.withResolvers<void>();
          const loaded = await context.find(id);
          let late: Promise<unknown> = Promise.resolve();
          end(context, rows => {
            late = gate.promise.then(() => work(context, rows, loaded));
          });
          late.catch(() => {}); // looked at below
          const before = context.calls.filter(({ operation }) => operation === 'create').length;
          context.synchronous.transaction(rows => {
            rows.save(found(rows, id), { name: 'beside' });
            gate.resolve();
          });
          await rejectsWith('transaction-ended', context.soon(late, 'the late work'), 'the late work');
          assert.equal(context.calls.filter(({ operation }) => operation === 'create').length, before);
        }
      assert.deepEqual(
        (await context.other.rows()).map(({ name }) => name),
        ['beside'],
      );
      await context.storedText(id, 'content of old.txt');
    },
  },
  {
    id: 'T15.must-wait',
    title:
      'calls that have to wait are refused in a transaction before a byte is stored, and the rest is committed',
    async run(context) {
      const { id } = await context.document('old.txt');
      for (const work of WAITING) {
        const row = await context.find(id);
        const creates = context.calls.filter(({ operation }) => operation === 'create').length;
        let refused: Promise<unknown> = Promise.resolve();
        context.synchronous.transaction(rows => {
          rows.save(found(rows, id), { name: 'committed' });
          refused = rejectsWith('unsupported', work(context, row), 'the call');
          refused.catch(() => {}); // looked at below
        });
        await refused;
        assert.equal(context.calls.filter(({ operation }) => operation === 'create').length, creates);
        await context.synchronous.settled();
        await context.agrees();
      }
      assert.deepEqual(
        (await context.other.rows()).map(({ name }) => name),
        ['committed'],
      );
    },
  },
  {
    id: 'T15.failed-statement',
    title: 'a statement that fails takes the transaction and its files with it',
    async run(context) {
      const [row] = await uploaded(context, 'old.txt');
      const twin = await draft(context, 'twin.txt', row.id);
      const error = throws(() =>
        context.synchronous.transaction(rows => {
          rows.save(row, { name: 'never' });
          rows.insert(twin);
        }),
      );
      assert.match(messagesOf(error), /UNIQUE/i);
      await context.synchronous.settled();
      await context.storedText(row.id, 'content of old.txt');
    },
  },
  {
    id: 'T15.swallowed-failure',
    title: 'a transaction that goes on after a failed statement commits the files of its rows, and no other',
    async run(context) {
      const [row] = await uploaded(context, 'old.txt');
      const twin = await draft(context, 'twin.txt', row.id);
      context.synchronous.transaction(rows => {
        rows.save(row, {});
        throws(() => rows.insert(twin));
      });
      await context.synchronous.settled();
      await context.agrees();
      await context.storedText(row.id, 'new old.txt');
    },
  },
  {
    id: 'T15.stale',
    title:
      'of two row objects with a file uploaded each the second to be written conflicts, and its file goes',
    async run(context) {
      const { id } = await context.document('old.txt');
      const both = [await context.find(id), await context.find(id)];
      for (const [index, row] of both.entries())
        context.subject.assign(row, file(`${index}`, `${index}.txt`));
      await upload(both);
      context.synchronous.transaction(rows => rows.save(both[0] as DocumentRow, {}));
      throwsWith('conflict', () =>
        context.synchronous.transaction(rows => rows.save(both[1] as DocumentRow, { name: 'never' })),
      );
      await context.synchronous.settled();
      assert.equal((await context.stored(id)).name, 'a document');
      await context.storedText(id, '0');
    },
  },
  {
    id: 'T15.savepoint',
    title:
      'a savepoint that is rolled back takes back its own files only; one that is released goes with its transaction',
    async run(context) {
      const [one, two, three] = await uploaded(context, 'one.txt', 'two.txt', 'three.txt');
      assert.ok(two && three);
      context.synchronous.transaction(rows => {
        rows.save(one, {});
        abandoned(() =>
          rows.savepoint(inner => {
            inner.save(two, { name: 'never' });
            throw new Abandoned();
          }),
        );
        rows.savepoint(inner => {
          abandoned(() =>
            inner.savepoint(innermost => {
              innermost.remove(found(innermost, two.id));
              throw new Abandoned();
            }),
          );
          inner.save(three, {});
        });
      });
      await context.synchronous.settled();
      await context.agrees();
      await context.storedText(one.id, 'new one.txt');
      await context.storedText(two.id, 'content of two.txt');
      await context.storedText(three.id, 'new three.txt');
      assert.equal((await context.stored(two.id)).name, 'a document');
    },
  },
  {
    id: 'T15.savepoint-released',
    title: 'a savepoint that was released is undone with its transaction',
    async run(context) {
      const [row] = await uploaded(context, 'old.txt');
      rolledBack(context, rows => rows.savepoint(inner => inner.save(row, { name: 'never' })));
      await context.synchronous.settled();
      assert.equal((await context.stored(row.id)).name, 'a document');
      await context.storedText(row.id, 'content of old.txt');
    },
  },
  {
    id: 'T15.savepoint-promise',
    title:
      'a savepoint whose work returns a promise is refused and rolled back, and its transaction can go on',
    async run(context) {
      const [one, two] = await uploaded(context, 'one.txt', 'two.txt');
      assert.ok(two);
      context.synchronous.transaction(rows => {
        throwsWith('unsupported', () => rows.savepoint(async inner => inner.save(one, {})));
        rows.save(two, {});
      });
      await context.synchronous.settled();
      await context.storedText(one.id, 'content of one.txt');
      await context.storedText(two.id, 'new two.txt');
    },
  },
  {
    id: 'T15.commit-refused',
    title: 'a COMMIT that the database refuses leaves the old file, and the connection is free again',
    async run(context) {
      context.needs('deferred-constraints');
      const [row] = await uploaded(context, 'old.txt');
      const orphan = context.subject.make({ name: 'orphan', parent: 4711 });
      const error = throws(() =>
        context.synchronous.transaction(rows => {
          rows.save(row, { name: 'never' });
          rows.insert(orphan);
        }),
      );
      assert.match(messagesOf(error), /FOREIGN KEY/i);
      await context.synchronous.settled();
      await context.storedText(row.id, 'content of old.txt');
      context.synchronous.transaction(rows => rows.save(found(rows, row.id), { name: 'free' }));
      assert.equal((await context.stored(row.id)).name, 'free');
    },
  },
  ...([false, true] as const).map(
    (inSavepoint): BindingBehaviour => ({
      id: `T15.ended${inSavepoint ? '-in-savepoint' : ''}`,
      title: `a transaction that the database ended by itself${inSavepoint ? ' in a savepoint' : ''} is not taken for committed`,
      async run(context) {
        context.needs('ended-by-failure');
        const [one, two] = await uploaded(context, 'one.txt', 'two.txt');
        assert.ok(two);
        throwsWith('transaction-lost', () =>
          context.synchronous.transaction(rows => {
            rows.save(one, {});
            throws(() => (inSavepoint ? rows.savepoint(endTransaction) : endTransaction(rows)));
            throwsNothingOrRefuses(() => rows.save(two, {}));
          }),
        );
        await context.synchronous.settled();
        await context.recover();
        for (const { id, avatar } of await context.other.rows())
          assert.ok(avatar !== null && (await context.storage.exists(avatar)), `row ${id} lost its file`);
        context.synchronous.transaction(rows => rows.save(found(rows, one.id), { name: 'free' }));
        assert.equal((await context.stored(one.id)).name, 'free');
      },
    }),
  ),
  {
    id: 'T15.ended-thrown',
    title: 'a transaction that fails with the error by which the database ended it is rolled back',
    async run(context) {
      context.needs('ended-by-failure');
      const [row] = await uploaded(context, 'old.txt');
      const error = throws(() =>
        context.synchronous.transaction(rows => {
          rows.save(row, { name: 'never' });
          endTransaction(rows);
        }),
      );
      assert.equal(isFieldFileError(error), false);
      await context.synchronous.settled();
      await context.storedText(row.id, 'content of old.txt');
      context.synchronous.transaction(rows => rows.save(found(rows, row.id), { name: 'free' }));
    },
  },
  {
    id: 'T15.journal-unwritable',
    title: 'with a journal that cannot be written a row is not, whoever catches the error',
    async run(context) {
      context.needs('journal');
      const [row] = await uploaded(context, 'old.txt');
      const { breakJournal } = context.subject;
      if (!breakJournal) throw new Skip('the journal cannot be broken');
      const mend = await breakJournal.call(context.subject);
      let mended: Promise<void> | undefined;
      try {
        throws(() =>
          context.synchronous.transaction(rows => {
            throws(() => rows.save(row, { name: 'never' }));
            mended = mend(); // in time for what is undone
          }),
        );
      } finally {
        await (mended ?? mend());
      }
      assert.equal((await context.stored(row.id)).name, 'a document');
      await context.synchronous.settled();
      await context.storedText(row.id, 'content of old.txt');
    },
  },
  {
    id: 'T15.at-once',
    title: 'of saves that are begun at once and of which one fails each other is written whole',
    async run(context) {
      const loaded: DocumentRow[] = [];
      for (let index = 0; index < 8; index++) {
        const row = await context.find((await context.document('old.txt')).id);
        const content = index === 3 ? brokenContent(new Error('the source broke')) : `new ${row.id}`;
        context.subject.assign(row, file(content, `${index}.txt`));
        loaded.push(row);
      }
      const saves = loaded.map(row => context.subject.save(row, { name: 'written' }));
      const error = await rejection(Promise.all(saves));
      assert.match(messagesOf(error), /the source broke/);
      await Promise.allSettled(saves);
      for (const [index, { id }] of loaded.entries())
        await context.storedText(id, index === 3 ? 'content of old.txt' : `new ${id}`);
    },
  },
];

/** T15: transactions that cannot wait. Files are uploaded before, and objects go afterwards. */
export const synchronous: readonly BindingBehaviour[] = behaviours.map(behaviour => ({
  ...behaviour,
  async run(context) {
    void context.synchronous; // skips before anything is uploaded that nobody would write
    await behaviour.run(context);
  },
}));

/** What may go on when its transaction has ended. */
type Late = (context: BindingContext, rows: Rows, row: DocumentRow) => unknown;

const LATE: readonly Late[] = [
  (_, rows, row) => rows.save(row, { name: 'late' }),
  (_, rows, row) => rows.remove(row),
  (context, rows) => rows.insert(context.subject.make({ name: 'late' })),
  (_, rows) => rows.savepoint(() => {}),
  (context, _rows, row) => context.file(row).save('late', { name: 'late.txt' }),
  (context, _rows, row) => context.file(row).delete(),
  (context, _rows, row) => context.subject.save(row, { name: 'late' }),
  context => context.document('late.txt'),
  (context, _rows, row) => context.subject.remove(row),
];

/** What cannot be done in a transaction that cannot wait. */
const WAITING: readonly ((context: BindingContext, row: DocumentRow) => Promise<unknown>)[] = [
  (context, row) => context.file(row).save('never', { name: 'never.txt' }),
  (context, row) => context.file(row).delete(),
  (context, row) => context.subject.save(row, { name: 'never' }),
  context => context.document('never.txt'),
  (context, row) => context.subject.remove(row),
];

/** Rows with a file each, and another one uploaded for it. */
async function uploaded(
  context: BindingContext,
  ...names: [string, ...string[]]
): Promise<[DocumentRow, ...DocumentRow[]]> {
  const loaded: DocumentRow[] = [];
  for (const name of names) {
    const row = await context.find((await context.document(name)).id);
    context.subject.assign(row, file(`new ${name}`, `new ${name}`));
    loaded.push(row);
  }
  await upload(loaded);
  return loaded as [DocumentRow, ...DocumentRow[]];
}

/** A row that is not inserted yet, with its file uploaded. */
async function draft(context: BindingContext, name: string, id?: number): Promise<DocumentRow> {
  const row = context.subject.make({ name: 'a document', ...(id !== undefined && { id }) });
  context.subject.assign(row, file(`new ${name}`, name));
  await upload(row);
  return row;
}

function found(rows: Rows, id: number): DocumentRow {
  const row = rows.find(id);
  assert.ok(row, `there is no row ${id}`);
  return row;
}

const write = (rows: Rows, row: DocumentRow, how: 'insert' | 'save'): unknown =>
  how === 'insert' ? rows.insert(row) : rows.save(row, { name: 'written' });

const committed = (context: BindingContext, work: (rows: Rows) => void): void =>
  context.synchronous.transaction(work);

const rolledBack = (context: BindingContext, work: (rows: Rows) => void): void =>
  abandoned(() =>
    context.synchronous.transaction(rows => {
      work(rows);
      throw new Abandoned();
    }),
  );

function abandoned(work: () => unknown): void {
  const error = throws(work);
  if (!(error instanceof Abandoned)) throw error;
}

/** SQLite's one transaction ends with this statement. */
const endTransaction = (rows: Rows): void =>
  rows.sql('INSERT OR ROLLBACK INTO pages (document, number) VALUES (1, 1), (1, 1)');

/** Whatever it throws; it must. */
function throws(work: () => unknown): unknown {
  let value: unknown;
  try {
    value = work();
  } catch (error) {
    return error;
  }
  assert.fail(`it answered ${String(value)} instead of throwing`);
}

function throwsWith(code: ErrorCode, work: () => unknown): FieldFileError {
  const error = throws(work);
  if (!isFieldFileError(error)) throw error;
  assert.equal(error.code, code, error.message);
  return error;
}

function throwsNothingOrRefuses(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!isFieldFileError(error)) throw error;
  }
}

/** Of an error and its causes: libraries wrap what a driver throws. */
function messagesOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return `${error}${cause === undefined ? '' : `\n${messagesOf(cause)}`}`;
}
