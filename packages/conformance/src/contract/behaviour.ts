/** One thing a contract promises, and how to see whether it is kept. */
export interface Behaviour<Context> {
  /** The contract's number and a name: `S1.rename-loop`. Stable: reports and mutants refer to it. */
  readonly id: string;
  readonly title: string;
  /** Throws when the promise is broken, {@link Skip} when it cannot be seen here. */
  run(context: Context): Promise<void>;
}

/** Thrown by a behaviour that has no meaning for what is tested. */
export class Skip extends Error {
  override readonly name: string = 'Skip';
}

/** How a behaviour went. */
export type Outcome = 'passed' | 'failed' | 'skipped';

/** One behaviour of a report. */
export interface BehaviourResult {
  readonly id: string;
  readonly title: string;
  readonly outcome: Outcome;
  /** What was thrown, when it failed. */
  readonly error?: unknown;
  /** Why, when it was skipped. */
  readonly reason?: string;
}

/** What a run of a contract found, in the order of the contract. */
export interface ContractReport {
  readonly name: string;
  readonly behaviours: readonly BehaviourResult[];
}

/** Runs one behaviour and tells how it went. */
export async function observe(
  behaviour: Behaviour<never>,
  run: () => Promise<void>,
): Promise<BehaviourResult> {
  const { id, title } = behaviour;
  try {
    await run();
    return { id, title, outcome: 'passed' };
  } catch (error) {
    if (error instanceof Skip) return { id, title, outcome: 'skipped', reason: error.message };
    return { id, title, outcome: 'failed', error };
  }
}

/** `memory: 201 behaviours, 190 passed, 11 skipped (publishes no URLs: S9.public-url, S9.public-url-stays; …)` */
export function summarize({ name, behaviours }: ContractReport): string {
  const ids = (outcome: Outcome, reason?: string): readonly string[] =>
    behaviours.filter(result => result.outcome === outcome && result.reason === reason).map(({ id }) => id);
  const failed = ids('failed');
  const skipped = behaviours.filter(({ outcome }) => outcome === 'skipped');
  const reasons = [...new Set(skipped.map(({ reason }) => reason))];
  const why = reasons.map(reason => `${reason}: ${ids('skipped', reason).join(', ')}`);
  return [
    `${name}: ${behaviours.length} behaviours, ${ids('passed').length} passed`,
    ...(failed.length > 0 ? [`${failed.length} failed (${failed.join(', ')})`] : []),
    ...(skipped.length > 0 ? [`${skipped.length} skipped (${why.join('; ')})`] : []),
  ].join(', ');
}
