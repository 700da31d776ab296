import { setTimeout } from 'node:timers/promises';
import { type FieldFile, type FileInput, file, noFile, type StoredFile } from '@fieldfile/core';
import { expect, test } from 'vitest';
import { caughtBy } from './caught-by.ts';
import type { Document, Mutation } from './table-subject.ts';

const isFile = (input: unknown): input is FieldFile =>
  typeof input === 'object' && input !== null && 'stored' in input;

/** Mistakes with what is assigned of another row's file. */
const mutants: Record<string, { readonly mutation: Mutation; readonly caught: readonly string[] }> = {
  'looks at what was assigned when the row is saved': {
    mutation: {
      subject: subject => {
        const later = new Map<object, (() => void)[]>();
        return {
          assign(row, input, column) {
            later.set(row, [() => subject.assign(row, input, column), ...(later.get(row) ?? [])]);
          },
          async insert(row) {
            for (const assign of later.get(row) ?? []) assign();
            later.delete(row);
            return subject.insert(row);
          },
          async save(row, values) {
            for (const assign of later.get(row) ?? []) assign();
            later.delete(row);
            await subject.save(row, values);
          },
        };
      },
    },
    caught: [
      'O1.archived',
      'O1.archived-saved',
      'O1.archived-cleared',
      'O1.archived-rolled-back',
      'O1.archived-replaced',
      'O1.previous',
      'O1.swap-refused',
    ],
  },
  'takes over the name that was assigned, not the object': {
    mutation: {
      subject: subject => {
        const names = new Map<object, string>();
        return {
          assign(row, input, column) {
            if (isFile(input) && input.name !== null && column !== 'cover') names.set(row, input.name);
            else subject.assign(row, input, column);
          },
          async save(row, values) {
            await subject.save(row, values);
            const name = names.get(row);
            if (name !== undefined) await subject.other.update(row.id, { avatar: name });
          },
        };
      },
    },
    caught: ['O1.archived-removed', 'O1.swap'],
  },
  'keeps what was assigned for ever': {
    mutation: {
      subject: subject => {
        const kept: FileInput[] = [];
        return {
          assign(row, input, column) {
            if (isFile(input) && input.stored) kept.push(file(input.stored));
            subject.assign(row, input, column);
          },
        };
      },
    },
    caught: ['O1.archive-given-up'],
  },
  'moves what waits to be stored to the other row': {
    mutation: {
      subject: subject => {
        const pending = new Map<FieldFile, object>();
        return {
          assign(row, input, column) {
            subject.assign(row, input, column);
            const from = isFile(input) ? pending.get(input) : undefined;
            if (from) subject.assign(from as never, noFile, column);
            const handle = subject.file(row, column);
            if (handle?.pending) pending.set(handle, row);
          },
        };
      },
    },
    caught: ['O1.pending-shared'],
  },
  'reads a stream once, for whoever comes first': {
    mutation: {
      subject: subject => ({
        assign(row, input, column) {
          const waiting = isFile(input) && input.pending && input.name === null && 'change' in input;
          subject.assign(row, waiting ? noFile : input, column);
        },
      }),
    },
    caught: ['O1.pending-stream'],
  },
  'looks at columns that are given at once one after another': {
    mutation: {
      subject: subject => ({
        async update(row, values) {
          for (const [column, value] of Object.entries(values))
            if (column === 'avatar' || column === 'cover')
              subject.assign(row as Document, value as FileInput, column);
          await subject.save(row as Document, {});
        },
      }),
    },
    caught: ['O1.given-at-once'],
  },
  'looks at a file that is saved elsewhere in its turn': {
    mutation: {
      subject: subject => ({
        file(row, column) {
          const handle = subject.file(row, column);
          return (
            handle &&
            new Proxy(handle, {
              get: (target, key) => (key === 'save' ? late(target) : Reflect.get(target, key)),
            })
          );
        },
      }),
    },
    caught: ['O1.save-snapshot'],
  },
};

/** `save`, which looks at another row's file later. */
const late =
  (handle: FieldFile): FieldFile['save'] =>
  async (content, options) => {
    if (isFile(content)) await setTimeout(50);
    await handle.save(content as StoredFile, options);
  };

test.each(Object.entries(mutants))('a binding that %s is caught', async (_, { mutation, caught }) => {
  expect(await caughtBy(mutation, caught)).toEqual(caught);
});
