import { file, noFile } from '@fieldfile/core';
import { expect, test } from 'vitest';
import { caughtBy } from './caught-by.ts';
import type { Mutation } from './table-subject.ts';

/** Mistakes with who names an object, and with rows that are gone. */
const mutants: Record<string, { readonly mutation: Mutation; readonly caught: readonly string[] }> = {
  'asks for one of its fields only': {
    mutation: {
      binding: binding => ({
        isReferenced: (fields, name, options) => binding.isReferenced(fields.slice(0, 1), name, options),
      }),
    },
    caught: [
      'T14.other-field-cleared',
      'T14.other-field-replaced',
      'T14.other-row-removed',
      'T14.other-field-cleared-unjournaled',
      'T14.other-field-replaced-unjournaled',
      'T14.other-row-removed-unjournaled',
    ],
  },
  'asks for the first of the names only': {
    mutation: {
      binding: binding => ({
        isAnyReferenced: (fields, [name = ''], options) => binding.isReferenced(fields, name, options),
      }),
    },
    caught: [
      'T14.odd-spelling',
      'T14.odd-spelling-removed',
      'T14.odd-spelling-unjournaled',
      'T14.odd-spelling-removed-unjournaled',
    ],
  },
  'says of several names that a row has one of them': {
    mutation: { binding: () => ({ isAnyReferenced: async () => true }) },
    caught: ['T14.odd-spelling-removed', 'T14.odd-spelling-removed-unjournaled'],
  },
  'gives no default to who was given nothing': {
    mutation: {
      subject: subject => ({
        insert(row) {
          if (!subject.file(row)?.pending) subject.assign(row, noFile);
          return subject.insert(row);
        },
      }),
    },
    caught: ['T14.default-inserted', 'T14.default-shown'],
  },
  'gives the default to who was cleared': {
    mutation: {
      subject: subject => ({
        assign(row, input, column) {
          if (input !== noFile) subject.assign(row, input, column);
        },
      }),
    },
    caught: ['T14.default-cleared'],
  },
  'removes the object with its row, whatever it is': {
    mutation: {
      subject: subject => ({
        async remove(row) {
          const removed = subject.file(row)?.stored;
          const storage = subject.fields?.[0]?.storage;
          const name = removed?.name;
          await subject.remove(row);
          if (name !== undefined) await storage?.delete(name);
        },
      }),
    },
    caught: ['T14.default-kept', 'T14.default-kept-unjournaled'],
  },
  'overwrites what is there': {
    mutation: {
      subject: subject => ({
        file(row, column) {
          const handle = subject.file(row, column);
          const storage = subject.fields?.[0]?.storage;
          const replace = async (content: string): Promise<void> => {
            await storage?.replace(handle?.name ?? '', content);
          };
          return (
            handle &&
            new Proxy(handle, {
              get: (target, key) => (key === 'stored' ? { replace } : Reflect.get(target, key)),
            })
          );
        },
      }),
    },
    caught: ['T14.default-replaced'],
  },
  'copies the default': {
    mutation: {
      subject: subject => ({
        assign(row, input, column) {
          const stored = input && 'stored' in input ? input.stored : null;
          subject.assign(row, stored ? file(stored) : input, column);
        },
      }),
    },
    caught: ['T14.default-assigned'],
  },
  'leaves the file in the object of a removed row': {
    mutation: {
      subject: (subject, table) => ({
        async remove(row) {
          await table.delete(({ id }) => id === row.id, subject.fields ?? []);
        },
      }),
    },
    caught: ['T1.removed-again', 'T1.removed-shown'],
  },
  'empties the object of a removed row for good': {
    mutation: {
      subject: subject => ({
        async remove(row) {
          await subject.remove(row);
          subject.assign(row, noFile);
        },
        transaction: (work, retry) =>
          subject.transaction(
            rows =>
              work({
                ...rows,
                async remove(row) {
                  await rows.remove(row);
                  subject.assign(row, noFile);
                },
              }),
            retry,
          ),
      }),
    },
    caught: ['T1.removed-rolled-back'],
  },
  'drops what a removed row is given': {
    mutation: {
      subject: subject => ({
        async remove(row) {
          await subject.remove(row);
          Object.assign(row, { removed: true });
        },
        assign(row, input, column) {
          if (!('removed' in row)) subject.assign(row, input, column);
        },
      }),
    },
    caught: ['T1.removed-with-file'],
  },
};

test.each(Object.entries(mutants))('a binding that %s is caught', async (_, { mutation, caught }) => {
  expect(await caughtBy(mutation, caught)).toEqual(caught);
});
