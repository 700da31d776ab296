import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { configureKeptObjects, releaseKeptObjects } from './kept-objects.ts';

const BUDGET_BYTES = 4 * 1024 * 1024;

/** Weak references to fresh objects that nothing else holds. */
const freshRefs = (): WeakRef<object>[] => Array.from({ length: 100 }, () => new WeakRef({}));

/** How many are alive in this very job. Asks only after the collection, since asking keeps. */
function alive(refs: readonly WeakRef<object>[]): number {
  globalThis.gc?.();
  return refs.filter(ref => ref.deref() !== undefined).length;
}

test('objects behind WeakRefs live until the job ends: the trap', () => {
  expect(alive(freshRefs())).toBe(100);
});

test('once the budget is used up they are collectable within the job', () => {
  const refs = freshRefs();
  configureKeptObjects({ budgetBytes: 0 });
  releaseKeptObjects();
  configureKeptObjects({ budgetBytes: BUDGET_BYTES });
  expect(alive(refs)).toBe(0);
});

test('a collection since the last time releases them, too, however little was used', () => {
  let garbage: unknown = Array.from({ length: 10_000 }, () => ({}));
  configureKeptObjects({ budgetBytes: 0 });
  releaseKeptObjects();
  configureKeptObjects({ budgetBytes: BUDGET_BYTES });
  const refs = freshRefs();
  garbage = undefined;
  globalThis.gc?.();
  releaseKeptObjects();
  expect([alive(refs), garbage]).toEqual([0, undefined]);
});

test('no microtask of the application runs meanwhile', async () => {
  let ran = false;
  const microtask = Promise.resolve().then(() => {
    ran = true;
  });
  configureKeptObjects({ budgetBytes: 0 });
  releaseKeptObjects();
  configureKeptObjects({ budgetBytes: BUDGET_BYTES });
  expect(ran).toBe(false);
  await microtask;
});

test('below the budget, and when turned off, nothing is released', async () => {
  await turn();
  releaseKeptObjects(); // what was collected before is seen
  const below = freshRefs();
  releaseKeptObjects();
  configureKeptObjects({ enabled: false, budgetBytes: 0 });
  const off = freshRefs();
  releaseKeptObjects();
  configureKeptObjects({ enabled: true, budgetBytes: BUDGET_BYTES });
  expect([alive(below), alive(off)]).toEqual([100, 100]);
});
