import { runBindingContract, type SyncRowOperations } from '@fieldfile/conformance/binding';
import type { Journal } from '@fieldfile/core/journal';
import { MemoryStorage } from '@fieldfile/memory';
import { expect, test } from 'vitest';
import { type Row, type SyncMutation, syncSubject } from './sync-subject.ts';

type Rows = SyncRowOperations<Row>;

/** The behaviours of these that fail. */
async function caughtBy(mutation: SyncMutation, only: readonly string[]): Promise<string[]> {
  const { behaviours } = await runBindingContract({
    name: 'mutant',
    only,
    createStorage: async () => new MemoryStorage(),
    open: setup => syncSubject(setup, mutation),
    lacks: { 'waiting-transactions': '' },
    deadlineMs: 1000,
    timeLimitMs: 5000,
  });
  return behaviours.filter(({ outcome }) => outcome !== 'passed').map(({ id }) => id);
}

/** Another one of what is done in transactions and savepoints. */
const inTransactions = (
  change: (rows: Rows, outside: <T>(work: () => T) => T) => Partial<Rows>,
): SyncMutation => ({
  subject(_, { transaction, settled }, database) {
    const changed = (rows: Rows): Rows => ({
      ...rows,
      savepoint: work => rows.savepoint(inner => work(changed(inner))),
      ...change(rows, work => database.outside(work)),
    });
    return { synchronous: { transaction: work => transaction(rows => work(changed(rows))), settled } };
  },
});

/** The journal with another one of its methods. */
const withMember = (journal: Journal, member: keyof Journal, value: () => unknown): Journal =>
  new Proxy(journal, {
    get(target, name) {
      const own: unknown = name === member ? value() : Reflect.get(target, name, target);
      return typeof own === 'function' && name !== member ? own.bind(target) : own;
    },
  });

/** The journal, but what fails when an entry is taken is not told. */
const careless = (journal: Journal): Journal =>
  new Proxy(journal, {
    get(target, member) {
      const value: unknown = Reflect.get(target, member, target);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]) => {
        try {
          return value.apply(target, given);
        } catch (error) {
          if (member !== 'takeSync') throw error;
        }
      };
    },
  });

/** Every mistake is one that a binding of a synchronous driver is likely to make. */
const mutants: Record<string, { readonly mutation: SyncMutation; readonly caught: readonly string[] }> = {
  'forgets the COMMIT': {
    mutation: {
      database: ({ executor }) => ({
        begin(work) {
          executor.exec('BEGIN');
          try {
            return work(executor);
          } finally {
            if (executor.isTransaction) executor.exec('ROLLBACK');
          }
        },
      }),
    },
    caught: ['T15.commit', 'T15.insert', 'T15.clear', 'T15.remove-all', 'I2.queued-synchronous'],
  },
  'commits what was to be rolled back': {
    mutation: {
      database: ({ executor }) => ({
        begin(work) {
          executor.exec('BEGIN');
          try {
            return work(executor);
          } finally {
            if (executor.isTransaction) executor.exec('COMMIT');
          }
        },
      }),
    },
    caught: [
      'T15.rollback-insert',
      'T15.rollback-replace',
      'T15.remove',
      'T15.clear',
      'T15.promise',
      'T15.failed-statement',
      'T15.savepoint-released',
    ],
  },
  'leaves the transaction open whose COMMIT was refused': {
    mutation: {
      database: ({ executor }) => ({
        begin(work) {
          executor.exec('BEGIN');
          const result = work(executor);
          executor.exec('COMMIT');
          return result;
        },
      }),
    },
    caught: ['T15.commit-refused'],
  },
  'begins another transaction where the database ended one': {
    mutation: {
      database: ({ executor, begin }) => ({
        begin(work) {
          try {
            return begin(work);
          } catch (error) {
            if (String(error).includes('UNIQUE')) executor.exec('BEGIN');
            throw error;
          }
        },
      }),
    },
    caught: ['T15.ended-thrown'],
  },
  'does not look whether its transaction is still there': {
    mutation: { database: () => ({ execute: undefined as never }) },
    caught: ['T15.ended', 'T15.ended-in-savepoint'],
  },
  'makes no savepoints of nested transactions': {
    mutation: { database: () => ({ savepoint: outer => work => work(outer) }) },
    caught: ['T15.savepoint', 'T15.savepoint-promise'],
  },
  'commits while its work goes on': {
    mutation: {
      subject: (_, { settled }, database) => ({
        synchronous: {
          settled,
          transaction(work) {
            let result: unknown;
            database.transaction(() => {
              result = work({
                save: () => {},
                savepoint: (inner: (rows: unknown) => unknown) => inner({ save() {} }),
              } as never);
            });
            return result as never;
          },
        },
      }),
    },
    caught: ['T15.promise', 'T15.savepoint-promise'],
  },
  'does late work outside of its transaction': {
    mutation: inTransactions((rows, outside) => {
      let isOpen = true;
      queueMicrotask(() => {
        isOpen = false;
      });
      return {
        save: (row, values) => (isOpen ? rows.save(row, values) : outside(() => rows.save(row, values))),
      };
    }),
    caught: ['T15.late'],
  },
  'waits in a transaction': {
    mutation: {
      subject: (subject, _, database) => ({
        save: (row, values) => database.outside(() => subject.save(row, values)),
      }),
    },
    caught: ['T15.must-wait'],
  },
  'writes a row whose file is not stored': {
    mutation: inTransactions(rows => ({
      insert(row) {
        try {
          return rows.insert(row);
        } catch {
          rows.sql("INSERT INTO documents (name) VALUES ('new')");
          return row;
        }
      },
      save(row, values) {
        try {
          rows.save(row, values);
        } catch {
          rows.sql(`UPDATE documents SET name = 'new' WHERE id = ${row.id}`);
        }
      },
    })),
    caught: ['T15.not-uploaded-insert', 'T15.not-uploaded-save', 'T15.failed-statement', 'T15.stale'],
  },
  'gives up a transaction whose failed statement was caught': {
    mutation: {
      subject: (_, { transaction, settled }) => ({
        synchronous: {
          settled,
          transaction: work =>
            transaction(rows => {
              let failed: unknown;
              const insert: Rows['insert'] = row => {
                try {
                  return rows.insert(row);
                } catch (error) {
                  failed = error;
                  throw error;
                }
              };
              const result = work({ ...rows, insert });
              if (failed) throw failed;
              return result;
            }),
        },
      }),
    },
    caught: ['T15.swallowed-failure', 'T15.not-uploaded-insert'],
  },
  'updates without comparing the old name': {
    mutation: { driver: ({ matching }) => ({ matching: rows => matching(rows) }) },
    caught: ['T15.stale'],
  },
  'takes no entry in the transaction that writes the columns': {
    mutation: {
      database: ({ journal }) => ({
        journal: journal && withMember(journal, 'takeSync', () => () => {}),
      }),
    },
    caught: ['T15.described', 'T15.journal-unwritable'],
  },
  'does not tell the columns that the database gave': {
    mutation: {
      driver: ({ insert }) => ({
        insert(on, values) {
          insert(on, values);
          return {};
        },
      }),
    },
    caught: ['T15.insert', 'T15.insert-and-remove'],
  },
  'removes rows and leaves their objects': {
    mutation: {
      driver: driver => ({
        delete(on, where, columns) {
          driver.delete(on, where, columns);
          return [];
        },
      }),
    },
    caught: ['T15.remove', 'T15.remove-all', 'T15.insert-and-remove'],
  },
  'writes a row whose journal entry was not taken': {
    mutation: { database: ({ journal }) => ({ journal: journal && careless(journal) }) },
    caught: ['T15.journal-unwritable'],
  },
  'fails what was begun at the same time': {
    mutation: {
      subject(subject) {
        let all: Promise<unknown> = Promise.resolve();
        return {
          save(row, values) {
            const mine = all.then(() => subject.save(row, values));
            all = mine;
            return mine;
          },
        };
      },
    },
    caught: ['T15.at-once'],
  },
};

test.each(Object.entries(mutants))('a binding that %s is caught', async (_, { mutation, caught }) => {
  expect(await caughtBy(mutation, caught)).toEqual(caught);
});

test('a journal among the rows keeps what one beside them does', async () => {
  const ids = new Set(Object.values(mutants).flatMap(({ caught }) => caught));
  ids.delete('T15.journal-unwritable'); // in a transaction it could not be mended
  const others = ['T1.intent-first', 'T1.save-in-place', 'T9.concurrent-saves', 'H3.staged-too-late'];
  expect(await caughtBy({ journal: 'among the rows' }, [...ids, ...others])).toEqual([]);
});
