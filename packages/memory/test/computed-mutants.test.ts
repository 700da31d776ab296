import { expect, test } from 'vitest';
import { caughtBy } from './caught-by.ts';
import type { Mutation } from './table-subject.ts';

/** Mistakes with columns that are computed of content. */
const mutants: Record<string, { readonly mutation: Mutation; readonly caught: readonly string[] }> = {
  'updates no column beside the name by key': {
    mutation: {
      binding: ({ update }) => ({
        update: (key, { size: _, ...values }, options) =>
          update(key, values, { ...options, expect: { avatar: options.expect.avatar ?? null } }),
      }),
    },
    caught: ['I1.computed-save'],
  },
  'writes a file’s name alone': {
    mutation: {
      subject: (subject, table) => ({
        async insert(row) {
          await table.insert(row);
          await table.put({ id: row.id, size: null } as never);
          return row;
        },
        async save(row, values) {
          const { size = null } = (await table.find({ id: row.id })) ?? {};
          await subject.save(row, values);
          await table.put({ id: row.id, size } as never);
        },
      }),
    },
    caught: [
      'I1.computed-insert',
      'I1.computed-stream',
      'I1.computed-assigned',
      'I1.computed-copied',
      'I1.computed-adopted',
      'I1.computed-staged',
      'I1.computed-refused',
      'I1.computed-rolled-back',
    ],
  },
};

test.each(Object.entries(mutants))('a binding that %s is caught', async (_, { mutation, caught }) => {
  expect(await caughtBy(mutation, caught)).toEqual(caught);
});
