import { runBindingContract } from '@fieldfile/conformance/binding';
import { upload } from '@fieldfile/core';
import { FileScope } from '@fieldfile/core/binding';
import { MemoryStorage } from '@fieldfile/memory';
import { expect, test } from 'vitest';
import { type Mutation, tableSubject } from './table-subject.ts';

/** The behaviours that fail. */
async function caughtBy(mutation: Mutation): Promise<string[]> {
  const { behaviours } = await runBindingContract({
    name: 'mutant',
    createStorage: async () => new MemoryStorage(),
    open: async setup => tableSubject(setup, mutation),
    lacks: { isolation: '', 'bulk-update': '', 'deferred-constraints': '', 'lost-commit': '' },
    payloadBytes: 1000,
    warmUp: 100,
    heldRows: 5,
    deadlineMs: 250,
    timeLimitMs: 2000,
  });
  return behaviours.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id);
}

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
  'says that no row names an object': {
    mutation: { binding: () => ({ isReferenced: async () => false }) },
    caught: ['T3.shared-replaced', 'T3.shared-removed'],
  },
  'does not know the transaction at hand': {
    mutation: { binding: () => ({ scope: () => undefined }) },
    caught: ['T8.rollback-restores', 'T8.rollback-twice', 'T8.retried-work'],
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
    caught: ['O5.unrelated-save'],
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
    caught: ['T8.retried'],
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
};

test.each(Object.entries(mutants))('a binding that %s is caught', async (_, { mutation, caught }) => {
  expect(await caughtBy(mutation)).toEqual(expect.arrayContaining([...caught]));
});

/** A mistake in the scope itself, for as long as the contract runs. */
async function withScope(mutated: Partial<FileScope>): Promise<string[]> {
  const original = Object.getOwnPropertyDescriptors(FileScope.prototype);
  Object.assign(FileScope.prototype, mutated);
  try {
    return await caughtBy({});
  } finally {
    Object.defineProperties(FileScope.prototype, original);
  }
}

test('one scope for a transaction and its savepoints is caught', async () => {
  const failed = await withScope({
    savepoint(this: FileScope) {
      const inner = Object.create(this);
      inner.end = async () => {};
      inner.add = this.add.bind(this);
      return inner;
    },
  });
  expect(failed).toEqual(expect.arrayContaining(['T8.savepoint-rolled-back', 'T8.savepoint-in-savepoint']));
});

test('removing the old object before the commit is caught', async () => {
  const failed = await withScope({
    add(change) {
      void change.committed();
    },
  });
  expect(failed).toEqual(expect.arrayContaining(['T8.rollback-assigned-twice', 'T8.savepoint-rolled-back']));
});

test('the right binding fails nowhere', async () => {
  expect(await caughtBy({})).toEqual([]);
});
