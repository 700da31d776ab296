import type { Intent, Journal } from '@fieldfile/core/journal';
import { expect, test } from 'vitest';
import { caughtBy } from './caught-by.ts';
import type { Mutation } from './table-subject.ts';

const ALL = [
  'I2.derived-removed',
  'I2.derived-of-bytes',
  'I2.derived-rolled-back',
  'I2.derived-too-late',
  'I2.derived-swept',
];

const answering = (answer: boolean): Mutation => ({
  binding: () => ({ isReferenced: async () => answer, isAnyReferenced: async () => answer }),
});

/** Mistakes that part what is derived from its original. */
const mutants: Record<string, { readonly mutation: Mutation; readonly caught: readonly string[] }> = {
  'says that no row names an object': { mutation: answering(false), caught: ALL },
  'says that every object is named': { mutation: answering(true), caught: ALL },
};

test.each(Object.entries(mutants))('a binding that %s is caught', async (_, { mutation, caught }) => {
  expect(await caughtBy(mutation, ALL)).toEqual(caught);
});

/** The journal, but nothing that is being made is written down in it. */
const forgetful = (journal: Journal): Journal =>
  new Proxy(journal, {
    get(target, property) {
      if (property === 'begin')
        return async (intent: Intent) => (intent.kind === 'derive' ? undefined : target.begin(intent));
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });

test('a journal that forgets what is being made is caught', async () => {
  const mutation: Mutation = {
    binding: ({ journal }) => (journal ? { journal: forgetful(journal) } : {}),
  };
  expect(await caughtBy(mutation, ['I2.derived-recovered', 'I2.derived-removed'])).toEqual([
    'I2.derived-recovered',
  ]);
});

test('a binding that loads a row with the name it had before is caught', async () => {
  const names = new Map<string, string | null>();
  const mutation: Mutation = {
    binding: ({ load }) => ({
      async load(key, options) {
        const row = await load(key, options);
        if (!row) return row;
        const id = JSON.stringify(key);
        const avatar = names.get(id) ?? row.avatar ?? null;
        names.set(id, avatar);
        return { ...row, avatar };
      },
    }),
  };
  expect(await caughtBy(mutation, ['I2.derived-of-name', 'I2.derived-removed'])).toEqual([
    'I2.derived-of-name',
  ]);
});
