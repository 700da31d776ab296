import { expect, test } from 'vitest';
import { storageBehaviours } from './behaviours.ts';

test('every behaviour has an id of its own that begins with its contract', () => {
  const ids = storageBehaviours.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter(id => !/^(S([1-9]|1[0-4])|C[12])(\.[a-z0-9-]+)$/.test(id))).toEqual([]);
});

test('every contract of storages is looked at', () => {
  const contracts = new Set(storageBehaviours.map(({ id }) => id.split('.')[0]));
  expect(contracts).toEqual(
    new Set(['C1', 'C2', ...Array.from({ length: 14 }, (_, index) => `S${index + 1}`)]),
  );
});
