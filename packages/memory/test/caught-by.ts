import { runBindingContract } from '@fieldfile/conformance/binding';
import { MemoryStorage } from '@fieldfile/memory';
import { type Mutation, tableSubject } from './table-subject.ts';

/** The behaviours that fail, of all or of these. */
export async function caughtBy(mutation: Mutation, only?: readonly string[]): Promise<string[]> {
  const { behaviours } = await runBindingContract({
    name: 'mutant',
    ...(only && { only }),
    createStorage: async () => new MemoryStorage(),
    open: async setup => tableSubject(setup, mutation),
    lacks: { isolation: '', 'bulk-update': '', 'deferred-constraints': '', 'lost-commit': '' },
    payloadBytes: 1000,
    warmUp: 100,
    heldRows: 5,
    deadlineMs: 250,
    timeLimitMs: 2000,
  });
  return behaviours.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id);
}
