import { writeSync } from 'node:fs';
import { inspect } from 'node:util';
import { Storage } from '@fieldfile/core';
import { recoverContinuously } from '@fieldfile/core/journal';
import { Documents } from './documents.ts';
import { isUnreachable } from './failures.ts';
import { mutated } from './mutations.ts';
import { recoveryBackend, recoveryJournal } from './stepped.ts';
import { type StepPlans, Steps } from './steps.ts';
import { openBackend, openDatabase, openJournal, type World } from './world.ts';

/** What a recovering process is told, as JSON in its first argument. */
export interface RecovererOrder {
  readonly world: World;
  readonly plans: StepPlans;
  readonly mutation: string | undefined;
}

const { world, plans, mutation } = JSON.parse(process.argv[2] ?? '{}') as RecovererOrder;
const steps = new Steps(plans);
const database = await openDatabase(world);
const { journal, backend } = mutated(mutation, {
  journal: recoveryJournal(openJournal(world, database), steps),
  backend: recoveryBackend(await openBackend(world), steps),
});
new Documents({ database, journal, storage: new Storage(backend) });
// Nothing outlives the parent, whatever becomes of it.
process.stdin.on('end', () => process.exit()).resume();
writeSync(1, 'ready\n');
await recoverContinuously(journal, {
  signal: new AbortController().signal,
  everySeconds: 0.05,
  backOffSeconds: 0.05,
  maxAttempts: 1000,
  onError: tell,
  onEntry: ({ error }) => error && tell(error),
});

function tell(error: unknown): void {
  if (world.faults.length > 0 && isUnreachable(error)) return;
  writeSync(2, `recovery: ${inspect(error)}\n`);
}
