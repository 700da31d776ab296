import { setTimeout } from 'node:timers/promises';
import { type FieldFile, isFieldFileError } from '@fieldfile/core';
import type { Binding } from '@fieldfile/core/binding';
import { expect, test } from 'vitest';
import { caughtBy } from './caught-by.ts';
import type { Document, Mutation } from './table-subject.ts';

/** As over a connection: else no statement is under way at the COMMIT. */
const slow = ({ update }: Binding<Document>): Partial<Binding<Document>> => ({
  async update(...given) {
    await setTimeout(5);
    return update(...given);
  },
});

/** Mistakes with what is under way at the same time, or when a transaction ends. */
const mutants: Record<string, { readonly mutation: Mutation; readonly caught: readonly string[] }> = {
  'does not tell of a save that it came too late': {
    mutation: {
      binding: slow,
      subject: subject => ({
        file(row, column) {
          const handle = subject.file(row, column);
          const save: FieldFile['save'] = async (...given) => {
            try {
              return await (handle as FieldFile).save(...given);
            } catch (error) {
              if (!isFieldFileError(error, 'transaction-ended')) throw error;
              return handle as Awaited<ReturnType<FieldFile['save']>>;
            }
          };
          return (
            handle &&
            new Proxy(handle, {
              get: (target, key) => (key === 'save' ? save : Reflect.get(target, key)),
            })
          );
        },
      }),
    },
    caught: ['T12.in-time'],
  },
  'has fewer connections than it says': {
    mutation: { subject: () => ({ poolSize: 2 }) },
    caught: ['T12.pool'],
  },
  'begins savepoints in another order than it was asked for': {
    mutation: {
      subject: subject => ({
        transaction: (work, retry) => {
          let begun = 0;
          return subject.transaction(
            rows =>
              work({
                ...rows,
                savepoint: async inner => {
                  if (begun++ === 0) await setTimeout(20);
                  return rows.savepoint?.(inner) as ReturnType<typeof inner>;
                },
              }),
            retry,
          );
        },
      }),
    },
    caught: ['T12.sibling-waits'],
  },
  'drops what was assigned when a transaction ends': {
    mutation: {
      subject: subject => {
        const assigned = new Set<Document>();
        return {
          assign(row, input, column) {
            assigned.add(row);
            subject.assign(row, input, column);
          },
          async transaction(work, retry) {
            const result = await subject.transaction(work, retry);
            for (const row of assigned) await subject.reload?.(row);
            return result;
          },
        };
      },
    },
    caught: ['T12.late-upload'],
  },
  'writes the columns of a row of which a file failed': {
    mutation: {
      subject: (subject, table) => ({
        async save(row, values) {
          try {
            await subject.save(row, values);
          } catch (error) {
            await table.put({ id: row.id, name: 'written all the same' } as Document);
            throw error;
          }
        },
      }),
    },
    caught: ['T12.second-file-update', 'T12.second-file-caught'],
  },
};

test.each(Object.entries(mutants))('a binding that %s is caught', async (_, { mutation, caught }) => {
  expect(await caughtBy(mutation, caught)).toEqual(caught);
});

test('a binding that is slow is not', async () => {
  expect(await caughtBy({ binding: slow }, ['T12.in-time', 'T12.late-save', 'T12.saves-at-once'])).toEqual(
    [],
  );
});

/** What a database says that takes no null in a column. */
const REFUSAL = 'NOT NULL constraint failed: documents.name';

const refusing =
  (message: string) =>
  ({ update }: Binding<Document>): Partial<Binding<Document>> => ({
    async update(key, values, options) {
      if (values.name === null) throw new Error(message);
      return update(key, values, options);
    },
  });

test.each([
  ['says why a column was refused', refusing(REFUSAL), []],
  ['hides that a column takes no null', refusing('The row could not be written.'), ['T13.not-null']],
  [
    'writes the empty text for null',
    ({ update }: Binding<Document>): Partial<Binding<Document>> => ({
      update: (key, values, options) =>
        update(key, values.name === null ? { ...values, name: '' } : values, options),
    }),
    ['T13.not-null'],
  ],
])('a binding that %s: caught by %o', async (_, binding, caught) => {
  expect(await caughtBy({ binding }, ['T13.not-null'], ['not-null'])).toEqual(caught);
});
