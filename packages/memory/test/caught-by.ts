import { type BindingFeature, runBindingContract } from '@fieldfile/conformance/binding';
import { MemoryStorage } from '@fieldfile/memory';
import { type Mutation, tableSubject } from './table-subject.ts';

const LACKS: readonly BindingFeature[] = [
  'isolation',
  'bulk-update',
  'deferred-constraints',
  'not-null',
  'lost-commit',
];

/**
 * The behaviours that fail, of all or of these.
 *
 * @param has what the mutated table can do, and a table in memory cannot.
 */
export async function caughtBy(
  mutation: Mutation,
  only?: readonly string[],
  has: readonly BindingFeature[] = [],
): Promise<string[]> {
  const { behaviours } = await runBindingContract({
    name: 'mutant',
    ...(only && { only }),
    createStorage: async () =>
      new MemoryStorage({ baseUrl: '/media/', signingKey: 'a secret of at least thirty-two bytes' }),
    open: async setup => tableSubject(setup, mutation),
    lacks: Object.fromEntries(LACKS.filter(one => !has.includes(one)).map(one => [one, ''])),
    payloadBytes: 1000,
    warmUp: 100,
    heldRows: 5,
    deadlineMs: 250,
    timeLimitMs: 5000,
  });
  return behaviours.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id);
}
