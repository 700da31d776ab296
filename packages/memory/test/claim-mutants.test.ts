import type { Journal } from '@fieldfile/core/journal';
import { expect, test } from 'vitest';
import { caughtBy } from './caught-by.ts';
import type { Mutation } from './table-subject.ts';

/** A binding whose journal does some of its work otherwise. */
const journaling = (change: (journal: Journal) => Partial<Journal>): Mutation => ({
  binding({ journal }) {
    if (!journal) return {};
    const changed: Readonly<Record<PropertyKey, unknown>> = { ...change(journal) };
    return {
      journal: new Proxy(journal, {
        get(target, key) {
          const value: unknown = changed[key] ?? Reflect.get(target, key);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      }),
    };
  },
});

/** Mistakes with what clients upload themselves. */
const mutants: Record<string, { readonly mutation: Mutation; readonly caught: readonly string[] }> = {
  'lets what a row has wait for another one': {
    mutation: journaling(journal => ({ handBack: (id, afterMs) => journal.handBack(id, afterMs, true) })),
    caught: ['C1.claim-under-way'],
  },
  'never ends a claim': {
    mutation: journaling(journal => ({ handBack: id => journal.handBack(id, 1e9) })),
    caught: ['C1.claim-too-late'],
  },
  'leaves what was refused to wait': {
    mutation: journaling(() => ({ withdraw: async () => false })),
    caught: ['C1.claim-refused', 'C1.claim-not-uploaded'],
  },
  'ends a claim with its row’s rollback': {
    mutation: journaling(journal => ({
      async handBack(id, afterMs, wasTaken) {
        if (!wasTaken) return journal.handBack(id, afterMs);
        await journal.end(id);
        return true;
      },
    })),
    caught: ['C1.claim-rolled-back', 'C1.claim-savepoint', 'C1.claim-two-rows'],
  },
};

test.each(Object.entries(mutants))('a binding that %s is caught', async (_, { mutation, caught }) => {
  expect(await caughtBy(mutation, caught)).toEqual(caught);
});
