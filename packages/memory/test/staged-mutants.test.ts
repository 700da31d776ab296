import { file } from '@fieldfile/core';
import type { Journal } from '@fieldfile/core/journal';
import { expect, test } from 'vitest';
import { caughtBy } from './caught-by.ts';
import type { Mutation } from './table-subject.ts';

type HandBack = Journal['handBack'];

/** A binding whose journal hands intents back in another way. */
const handingBack = (handBack: (journal: Journal) => HandBack): Mutation => ({
  binding({ journal }) {
    if (!journal) return {};
    const other = handBack(journal);
    return {
      journal: new Proxy(journal, {
        get(target, key) {
          const value: unknown = key === 'handBack' ? other : Reflect.get(target, key);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      }),
    };
  },
});

/** Mistakes with files that are stored before their row is known. */
const mutants: Record<string, { readonly mutation: Mutation; readonly caught: readonly string[] }> = {
  'stores the content again for the row': {
    mutation: {
      subject: subject => ({
        assign(row, input, column) {
          const isStaged = typeof input === 'object' && input !== null && 'staged' in input;
          subject.assign(row, isStaged ? file('staged', 'staged.txt') : input, column);
        },
      }),
    },
    caught: ['H3.staged-insert', 'H3.staged-update', 'H3.staged-elsewhere', 'H3.staged-too-late'],
  },
  'ends a staged file with its row’s rollback': {
    mutation: handingBack(journal => {
      const staged = new Set<string>();
      return async (id, afterMs) => {
        const isBack = staged.has(id);
        staged.add(id);
        if (!isBack) return journal.handBack(id, afterMs);
        await journal.end(id);
        return true;
      };
    }),
    caught: ['H3.staged-rolled-back'],
  },
  'leaves a staged file to recovery at once': {
    mutation: handingBack(journal => id => journal.handBack(id, 0)),
    caught: ['H3.staged-rolled-back'],
  },
  'never ends a staged file': {
    mutation: handingBack(journal => id => journal.handBack(id, 1e9)),
    caught: ['H3.staged-too-late'],
  },
};

test.each(Object.entries(mutants))('a binding that %s is caught', async (_, { mutation, caught }) => {
  expect(await caughtBy(mutation, caught)).toEqual(caught);
});
