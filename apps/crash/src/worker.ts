import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { configure, isFieldFileError, Storage } from '@fieldfile/core';
import { Documents } from './documents.ts';
import { isDeadlock, isUnreachable } from './failures.ts';
import { Ledger } from './ledger.ts';
import { MUTATIONS, mutated } from './mutations.ts';
import { Operations } from './operations.ts';
import { Random } from './random.ts';
import { uploaderBackend, uploaderJournal } from './stepped.ts';
import { DEADLOCKED, type StepPlans, Steps } from './steps.ts';
import { openBackend, openDatabase, openJournal, type World } from './world.ts';

/** What a worker is told, as JSON in its first argument. */
export interface WorkerOrder {
  readonly world: World;
  readonly plans: StepPlans;
  readonly mutation: string | undefined;
  readonly seed: number;
  readonly name: string;
  readonly ledger: string;
}

/** Refusals that are right: another process was faster, recovery took this one for dead, or the inspector saw what it refuses. */
const EXPECTED = ['conflict', 'intent-lost', 'not-found', 'precondition', 'not-accepted'];

const order = JSON.parse(process.argv[2] ?? '{}') as WorkerOrder;
const steps = new Steps(order.plans);
configure({ onError: tell });
const database = await openDatabase(order.world);
const real = { journal: openJournal(order.world, database), backend: await openBackend(order.world) };
const { journal, backend } = mutated(order.mutation, {
  journal: uploaderJournal(real.journal, steps),
  backend: uploaderBackend(real.backend, steps),
});
const random = new Random(order.seed);
const isBlind = MUTATIONS[order.mutation ?? '']?.isBlind ?? false;
/** Half of them, since what is inspected is never copied by the storage. */
const inspects = isBlind ? 'blind' : random.chance(0.5) ? 'yes' : 'no';
const documents = new Documents({
  database,
  journal,
  storage: new Storage(backend),
  statement: MUTATIONS[order.mutation ?? '']?.statement,
  inspects,
  reached: step => steps.reached(step),
});
const operations = new Operations({
  documents,
  ledger: new Ledger(order.ledger),
  random,
  isInspected: inspects !== 'no',
  name: order.name,
  rivalry: MUTATIONS[order.mutation ?? '']?.rivalry ?? 0.3,
  large: order.world.storage.kind === 's3',
  onDeadlock: order.world.faults.includes('deadlock in a savepoint')
    ? () => writeSync(1, `${DEADLOCKED}\n`)
    : undefined,
});
// Nothing outlives the parent, whatever becomes of it.
process.stdin.on('end', () => process.exit()).resume();
writeSync(1, 'ready\n');
for (;;)
  await operations.next().catch(error => {
    tell(error);
    return isUnreachable(error) ? sleep(100) : undefined;
  });

function tell(error: unknown): void {
  if (isFieldFileError(error) && EXPECTED.includes(error.code)) return;
  if (error instanceof Error && error.message.startsWith('The row has another file')) return;
  // Two transactions that take the same rows in another order: the program's own fail by it.
  if (isDeadlock(error)) return;
  if (order.world.faults.length > 0 && isUnreachable(error)) return;
  writeSync(2, `${order.name}: ${inspect(error)}\n`);
}
