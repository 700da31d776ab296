import { AsyncLocalStorage } from 'node:async_hooks';
import type { RowOperations } from '@fieldfile/conformance/binding';
import { adopt, type FieldFile, FieldFileError, file, isFieldFileError, upload } from '@fieldfile/core';
import { FileScope, type Level, Transactions } from '@fieldfile/core/binding';
import { SqlJournal } from '@fieldfile/core/journal';
import { expect, test } from 'vitest';
import { caughtBy } from './caught-by.ts';
import type { Document, Mutation } from './table-subject.ts';

/** Every mistake is one that a binding was seen, or is likely, to make. */
const mutants: Record<string, { readonly mutation: Mutation; readonly caught: readonly string[] }> = {
  'updates without comparing the old name': {
    mutation: {
      binding: ({ update }) => ({
        update: (key, values, options) => update(key, values, { ...options, expect: {} }),
      }),
    },
    caught: ['T9.concurrent-saves', 'T9.stale-save'],
  },
  'compares the old name without case': {
    mutation: {
      binding: ({ load, update }) => ({
        async update(key, values, options) {
          const { avatar } = (await load(key, {})) ?? {};
          const isNear = avatar?.toLowerCase() === String(options.expect.avatar).toLowerCase();
          const expect = { ...options.expect, ...(isNear && { avatar: avatar ?? null }) };
          return update(key, values, { ...options, expect });
        },
      }),
    },
    caught: ['T9.twin-avatar', 'T9.twin-deleted-avatar', 'T13.twin-avatar'],
  },
  'saves a row object over a name that differs by case': {
    mutation: {
      subject: (subject, table) => ({
        async save(row, values) {
          const { avatar } = (await table.find({ id: row.id })) ?? {};
          const handle = subject.file(row);
          const known = handle?.pending ? 'docs/x.txt' : row.avatar;
          if (avatar?.toLowerCase() === known?.toLowerCase())
            await table.put({ ...row, avatar: known ?? null });
          await subject.save(row, values);
        },
      }),
    },
    caught: ['T9.twin-assigned-avatar', 'T9.twin-emptied-avatar'],
  },
  'tells the key of a new row after its commit': {
    mutation: {
      subject: subject => ({
        async insert(row) {
          let id: number | undefined;
          let isTold = false;
          Object.defineProperty(row, 'id', {
            get: () => (isTold ? id : undefined),
            set(given: number) {
              id = given;
            },
          });
          await subject.insert(row);
          isTold = true;
          return row;
        },
      }),
    },
    caught: ['I2.queued-committed'],
  },
  'commits a row whose change could not be taken': {
    mutation: {
      binding: ({ update }) => ({
        async update(key, values, { within, ...options }) {
          const updated = await update(key, values, options);
          await within?.().catch(() => {});
          return updated;
        },
      }),
    },
    caught: ['I2.queued-refused'],
  },
  'says that no row names an object': {
    mutation: { binding: () => ({ isReferenced: async () => false }) },
    caught: ['T3.shared-replaced', 'T3.shared-removed'],
  },
  'takes names for the same that differ by case': {
    mutation: {
      binding: ({ isReferenced, names }) => ({
        async isReferenced(fields, name, options) {
          if (await isReferenced(fields, name, options)) return true;
          for (const field of fields)
            for (const found of await names(field, { limit: 1000 }))
              if (found.name.toLowerCase() === name.toLowerCase()) return true;
          return false;
        },
      }),
    },
    caught: ['T14.twin-avatar', 'T14.twin-cover'],
  },
  'does not know the transaction at hand': {
    mutation: { binding: () => ({ scope: () => undefined }) },
    caught: [
      'T8.rollback-restores',
      'T8.rollback-twice',
      'T8.retried-work',
      'T8.retried-insert',
      'T8.retried-update',
      'T8.retried-in-savepoint',
      'T8.retried-failed-statement',
      'T8.retried-in-vain-insert',
      'T13.in-transaction',
      'T13.in-transaction-without-columns',
      'I2.queued-in-transaction',
    ],
  },
  'compares the name and not the columns beside it': {
    mutation: {
      binding: ({ update }) => ({
        update: (key, values, options) =>
          update(key, values, { ...options, expect: { avatar: options.expect.avatar ?? null } }),
      }),
    },
    caught: ['T13.stale'],
  },
  'finds no row whose column is to be null': {
    mutation: {
      binding: ({ update }) => ({
        update: async (key, values, options) =>
          options.expect.size === null ? undefined : update(key, values, options),
      }),
    },
    caught: ['T13.columns', 'T13.broken-content'],
  },
  'does not write null': {
    mutation: {
      binding: ({ update }) => ({
        update: (key, { size, ...values }, { expect, ...options }) =>
          update(key, size === null || size === undefined ? values : { ...values, size }, {
            ...options,
            expect: expect.size === null ? { avatar: expect.avatar ?? null } : expect,
          }),
      }),
    },
    caught: ['T13.columns', 'T13.fence-lost'],
  },
  'says that no object is shared': {
    mutation: { binding: () => ({ isShared: async () => false }) },
    caught: ['T13.shared'],
  },
  'forgets the length of the column': {
    mutation: { binding: () => ({ maxLength: () => undefined }) },
    caught: ['T1.name-fits'],
  },
  'gives no rows to callbacks': {
    mutation: { binding: () => ({ load: async () => undefined }) },
    caught: ['O4.upload-to-reloaded'],
  },
  'reads a column that was not selected as empty': {
    mutation: {
      subject: (_, table) => ({
        async findPartially(id) {
          const row = await table.find({ id });
          return row && { id: row.id, name: row.name, avatar: null };
        },
      }),
    },
    caught: ['O9.partial-select'],
  },
  'writes file columns that nobody assigned': {
    mutation: {
      subject: (subject, table) => ({
        async save(row, values) {
          await subject.save(row, values);
          await table.put({ ...row });
        },
      }),
    },
    caught: ['O5.unrelated-save', 'T13.unrelated-save'],
  },
  'uploads within the transaction': {
    mutation: {
      subject: (subject, table) => ({
        save: (row, values) => table.transaction(() => subject.save(row, values)),
      }),
    },
    caught: ['T6.assigned'],
  },
  'stores again what was uploaded before': {
    mutation: {
      subject: (subject, table) => ({
        async save(row, values) {
          const handle = subject.file(row);
          if (handle?.pending && handle.name !== null) {
            const bytes = await handle.stored?.blob();
            if (bytes) subject.assign(row, new File([bytes], 'again.txt'));
          }
          await table.update(Object.assign(row, values));
        },
      }),
    },
    caught: ['T6.uploaded-before'],
  },
  'keeps what was assigned to a row that is loaded again': {
    mutation: {
      subject: (subject, table) => ({
        async reload(row) {
          const { avatar = null } = (await table.find({ id: row.id })) ?? row;
          if (subject.file(row)?.pending !== true) await subject.reload?.(row);
          else row.avatar = avatar;
        },
      }),
    },
    caught: ['O1.reloaded', 'O1.reloaded-upload', 'O1.reloaded-other'],
  },
  'removes rows and leaves their objects': {
    mutation: {
      subject: (_, table) => ({
        async remove({ id }) {
          await table.remove({ id });
        },
      }),
    },
    caught: ['T1.remove', 'T3.shared-replaced'],
  },
  'tries again without keeping what was stored': {
    mutation: {
      subject: (subject, table) => ({
        async transaction(work, { attempts = 1 } = {}) {
          for (let attempt = 1; ; attempt++)
            try {
              return await table.transaction(() => work(subject));
            } catch (error) {
              if (attempt === attempts) throw error;
            }
        },
      }),
    },
    caught: ['T8.retried', 'T8.retried-otherwise'],
  },
  'keeps the rows it has read': {
    mutation: {
      subject: (subject, table) => {
        const map = new Set<object>();
        return {
          async find(id) {
            const row = await table.find({ id });
            if (row) map.add(row);
            return row;
          },
          async dispose() {
            map.clear();
            await subject.dispose();
          },
        };
      },
    },
    caught: ['O2.collectable', 'O4.save-after-collection'],
  },
  'stores assigned files after the row was written': {
    mutation: {
      subject: (subject, table) => ({
        async save(row, values) {
          await table.put({ ...row, ...values });
          await upload(row);
          await subject.save(row, values);
        },
      }),
    },
    caught: ['T1.assign-broken', 'T1.journal-unwritable-assigned'],
  },
  'writes late work outside its transaction': {
    mutation: {
      subject: (subject, table) => {
        const outside = AsyncLocalStorage.snapshot();
        return {
          async transaction(work, retry) {
            let ended = false;
            const late = (rows: RowOperations<Document>): RowOperations<Document> => ({
              ...rows,
              save: (row, values) => (ended ? outside(() => rows.save(row, values)) : rows.save(row, values)),
              remove: row => (ended ? outside(() => rows.remove(row)) : rows.remove(row)),
            });
            try {
              return await table.transaction(() => work(late(subject)), retry);
            } finally {
              ended = true;
            }
          },
        };
      },
    },
    caught: ['T12.late-remove', 'T12.late-columns'],
  },
  'does not tell that late work was refused': {
    mutation: {
      subject: subject => ({
        save: (row, values) =>
          subject.save(row, values).catch(error => {
            if (!isFieldFileError(error, 'transaction-ended')) throw error;
          }),
      }),
    },
    caught: ['T12.late-assigned', 'T12.late-columns'],
  },
  'hides why a transaction was rolled back': {
    mutation: {
      subject: (subject, table) => ({
        transaction: (work, retry) =>
          table
            .transaction(() => work(subject), retry)
            .catch(cause => {
              throw new Error('The transaction was rolled back.', { cause });
            }),
      }),
    },
    caught: ['T12.late-save'],
  },
  'tries again within one transaction': {
    mutation: {
      subject: (subject, table) => ({
        transaction: (work, { attempts = 1 } = {}) =>
          table.transaction(async () => {
            for (let attempt = 1; ; attempt++)
              try {
                return await work(subject);
              } catch (error) {
                if (attempt === attempts) throw error;
              }
          }),
      }),
    },
    caught: ['I2.queued-retried', 'T12.late-attempt'],
  },
  'makes no savepoints of nested transactions': {
    mutation: { subject: subject => ({ savepoint: work => work(subject) }) },
    caught: [
      'T8.savepoint-rolled-back',
      'T12.siblings',
      'T12.beside-savepoint',
      'T12.unawaited-savepoint',
      'I2.queued-in-savepoint',
    ],
  },
  'waits for what was begun before without a limit': {
    mutation: { table: { maxLength: 60, ...{ siblingWaitSeconds: 3600 } } },
    caught: ['T12.waits-for-later-savepoint', 'T12.waits-for-later-save'],
  },
  'leaves what it stored before another file of the row failed': {
    mutation: {
      subject: subject => ({
        async insert(row) {
          await upload(row);
          return subject.insert(row);
        },
        async save(row, values) {
          await upload(row);
          await subject.save(row, values);
        },
      }),
    },
    caught: ['T12.second-file-insert', 'T12.second-file-update'],
  },
  'takes any text for a file': {
    mutation: {
      subject: subject => ({
        async update(row, { avatar, ...others }) {
          const given = typeof avatar === 'string' ? adopt(avatar) : avatar;
          await subject.update?.(row, { ...others, avatar: given });
        },
      }),
    },
    caught: ['O11.own-name', 'O11.other-name'],
  },
  'copies a file that the row has': {
    mutation: {
      subject: (subject, table) => ({
        async update(row, { avatar, ...others }) {
          const { stored } = avatar as FieldFile;
          subject.assign(row as Document, stored && file(stored));
          await table.update(Object.assign(row as Document, others));
        },
      }),
    },
    caught: ['O11.own-file'],
  },
  'drops what was assigned for the columns that a row shows': {
    mutation: {
      subject: subject => ({
        async update(row, values) {
          if ('avatar' in values && values.avatar === (row as Document).avatar)
            subject.assign(row as Document, null);
          await subject.update?.(row, values);
        },
      }),
    },
    caught: ['O11.own-name', 'O11.pending-kept'],
  },
  'writes columns that are undefined': {
    mutation: {
      subject: (_, table) => ({
        async update(row, { name }) {
          await table.put({ ...(row as Document), name: name as string });
        },
      }),
    },
    caught: ['O9.undefined-columns'],
  },
  'takes a key alone for a row without a file': {
    mutation: {
      subject: (subject, table) => ({
        async update(row, values) {
          const stored = await table.find({ id: row.id });
          const given = 'name' in row ? row : { name: 'unknown', ...stored, id: row.id, avatar: null };
          await subject.update?.(given, values);
        },
      }),
    },
    caught: ['O9.by-key-alone'],
  },
  'stores a file for a key that no row has': {
    mutation: {
      subject: (subject, table) => ({
        async update(row, values) {
          if (!(await table.find({ id: row.id }))) await table.put({ id: row.id, name: 'new' });
          await subject.update?.(row, values);
        },
      }),
    },
    caught: ['O9.no-such-key'],
  },
  'does not tell that the database ended a transaction': {
    mutation: {
      subject: (subject, table) => ({
        transaction: (work, retry) =>
          table
            .transaction(() => work(subject), retry)
            .catch(error => {
              if (!isFieldFileError(error, 'transaction-lost')) throw error;
            }) as never,
      }),
    },
    caught: ['T8.ended-failing', 'T8.ended-silently', 'T8.ended-rolled-back-silently'],
  },
  'tries a transaction again that the database had ended, and that went on': {
    mutation: {
      subject: (subject, table) => ({
        transaction: (work, retry) =>
          table
            .transaction(() => work(subject), retry)
            .catch(error => {
              if (!isFieldFileError(error, 'transaction-lost') || retry?.attempts === undefined) throw error;
              return table.transaction(() => work(subject));
            }),
      }),
    },
    caught: [
      'T8.ended-not-retried-other',
      'T8.ended-not-retried-same',
      'T8.ended-not-retried-in-savepoint',
      'T8.ended-not-retried-failed-after',
    ],
  },
  'does not tell who commits or rolls back by hand that the database ended the transaction': {
    mutation: {
      subject: ({ transactionByHand }) => ({
        transactionByHand: (work, end) =>
          Promise.resolve(transactionByHand?.(work, end)).catch(error => {
            if (!isFieldFileError(error, 'transaction-lost')) throw error;
          }),
      }),
    },
    caught: [
      'T8.ended-by-hand-commit-failing',
      'T8.ended-by-hand-rollback-failing',
      'T8.ended-by-hand-commit-silently',
      'T8.ended-by-hand-rollback-silently',
    ],
  },
  'tells who rolls back because of a deadlock that nobody knows what is written': {
    mutation: {
      subject: ({ transactionByHand }) => ({
        async transactionByHand(work, end) {
          await transactionByHand?.(work, end);
          if (end === 'rollback')
            throw new FieldFileError('transaction-lost', 'Nobody knows.', { operation: 'transaction' });
        },
      }),
    },
    caught: ['T8.ended-by-hand-thrown'],
  },
  'keeps the key of a row whose insert was rolled back': {
    mutation: {
      subject: (subject, table) => ({
        async transaction(work, retry) {
          const inserted = new Map<Document, number>();
          const insert = async (row: Document): Promise<Document> => {
            const result = await subject.insert(row);
            inserted.set(row, row.id);
            return result;
          };
          try {
            return await table.transaction(() => work({ ...subject, insert }), retry);
          } catch (error) {
            for (const [row, id] of inserted) row.id = id;
            throw error;
          }
        },
      }),
    },
    caught: ['T12.draft-again'],
  },
};

test.each(Object.entries(mutants))('a binding that %s is caught', async (_, { mutation, caught }) => {
  expect(await caughtBy(mutation, caught)).toEqual(caught);
});

/** A mistake in core itself, for as long as these behaviours run. All of them fail. */
async function isCaught<T extends object>(
  prototype: T,
  mutated: Partial<T>,
  caught: readonly string[],
): Promise<void> {
  const original = Object.getOwnPropertyDescriptors(prototype);
  Object.assign(prototype, mutated);
  try {
    expect(await caughtBy({}, caught)).toEqual(caught);
  } finally {
    Object.defineProperties(prototype, original);
  }
}

const levels: Level<unknown> = Object.getPrototypeOf(new Transactions().level(undefined));

test('one scope for a transaction and its savepoints is caught', () =>
  isCaught(
    FileScope.prototype,
    {
      savepoint(this: FileScope) {
        const inner = Object.create(this);
        inner.end = async () => {};
        inner.add = this.add.bind(this);
        return inner;
      },
    },
    ['T8.savepoint-rolled-back', 'T8.savepoint-in-savepoint'],
  ));

test('removing the old object before the commit is caught', () =>
  isCaught(FileScope.prototype, { add: change => void change.committed() }, [
    'T8.rollback-assigned-twice',
    'T8.savepoint-rolled-back',
  ]));

test('savepoints that run beside their siblings are caught', () =>
  isCaught(Transactions.prototype as Transactions<unknown>, { turnIn: async () => () => {} }, [
    'T12.siblings',
    'T12.siblings-nested',
    'T12.beside-savepoint',
  ]));

test('a transaction that commits over an open savepoint is caught', () =>
  isCaught(levels, { begun: () => {} }, ['T12.unawaited-savepoint']));

test('a transaction that does not end for its late work is caught', () =>
  isCaught(levels, { close: async () => {} }, [
    'T12.late-save',
    'T12.unawaited-save',
    'T12.late-delete',
    'T12.late-attempt',
  ]));

test('taking a transaction that the database ended for committed is caught', () =>
  isCaught(
    FileScope.prototype,
    {
      end(this: FileScope, outcome) {
        return end.call(this, outcome === 'unknown' ? 'committed' : outcome);
      },
    },
    ['T8.ended-failing', 'T8.ended-rolled-back-failing'],
  ));

test('taking a transaction whose connection was lost for rolled back is caught', () =>
  isCaught(
    FileScope.prototype,
    {
      doubt() {},
      end(this: FileScope, outcome) {
        return end.call(this, outcome === 'unknown' ? 'rolled-back' : outcome);
      },
    },
    ['T8.lost-connection-rolled-back', 'T8.lost-connection-rolled-back-unjournaled'],
  ));

test('a journal that gives up a staged file whose transaction had no verdict is caught', () =>
  isCaught(SqlJournal.prototype, { handBack: async () => false }, ['H3.staged-ended']));

const { begin, take } = SqlJournal.prototype;
const { end } = FileScope.prototype;

test('a journal that lets two replace one object is caught', () =>
  isCaught(
    SqlJournal.prototype,
    {
      begin(this: SqlJournal, intent, transaction) {
        const alone = intent.kind === 'replace' ? { ...intent, name: intent.id } : intent;
        return begin.call(this, alone, transaction);
      },
    },
    ['T13.rivals'],
  ));

test('a replacement that does not ask whether its entry is still there is caught', () =>
  isCaught(
    SqlJournal.prototype,
    {
      take(this: SqlJournal, taking, transaction) {
        return take.call(this, taking, transaction).catch(error => {
          if (!isFieldFileError(error, 'intent-lost')) throw error;
        });
      },
    },
    ['T13.fence-lost'],
  ));

test('the right binding fails nowhere', async () => {
  expect(await caughtBy({})).toEqual([]);
});
