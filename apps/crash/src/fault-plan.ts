import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultyDatabase } from './places.ts';
import type { Random } from './random.ts';
import { DATABASE_FAULTS, type DatabaseFault } from './world.ts';

export type FaultCounts = Readonly<Partial<Record<DatabaseFault, number>>>;

/** What is to go wrong with the database in a campaign, and how much of it has. */
export class FaultPlan {
  readonly #asked: FaultCounts;
  readonly #faulty: FaultyDatabase;
  readonly #random: Random;
  readonly #seen = new Map<DatabaseFault, number>();

  constructor(asked: FaultCounts, faulty: FaultyDatabase, random: Random) {
    this.#asked = asked;
    this.#faulty = faulty;
    this.#random = random;
  }

  get isDone(): boolean {
    return DATABASE_FAULTS.every(fault => !this.#isLeft(fault));
  }

  /** Of each fault that was asked for. */
  get counts(): FaultCounts {
    return Object.fromEntries(
      Object.keys(this.#asked).map(fault => [fault, this.#of(fault as DatabaseFault)]),
    );
  }

  /** A worker has met so many deadlocks. */
  deadlocked(times: number): void {
    this.#add('deadlock in a savepoint', times);
  }

  /** Makes what workers do not make themselves, until there is enough of it. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && (this.#isLeft('COMMIT lost') || this.#isLeft('server killed'))) {
      await sleep(50 + this.#random.below(250));
      const kills =
        this.#isLeft('server killed') && (!this.#isLeft('COMMIT lost') || this.#random.chance(0.1));
      if (kills) await this.#killServer();
      else await this.#loseCommit(signal);
    }
  }

  async #killServer(): Promise<void> {
    const { killServer } = this.#faulty;
    if (!killServer) throw new Error('This database has no server that can be killed.');
    await killServer();
    this.#add('server killed', 1);
    await sleep(500 + this.#random.below(2000)); // for work that another kill can meet
  }

  async #loseCommit(signal: AbortSignal): Promise<void> {
    const { proxy } = this.#faulty;
    if (!proxy) throw new Error('This database has no connections that can be cut.');
    const { lost } = proxy;
    proxy.loseCommit(this.#random.chance(0.5) ? 'before' : 'after');
    while (proxy.lost === lost && !signal.aborted) await sleep(5);
    this.#add('COMMIT lost', proxy.lost - lost);
  }

  #of(fault: DatabaseFault): number {
    return this.#seen.get(fault) ?? 0;
  }

  #isLeft(fault: DatabaseFault): boolean {
    return this.#of(fault) < (this.#asked[fault] ?? 0);
  }

  #add(fault: DatabaseFault, times: number): void {
    this.#seen.set(fault, this.#of(fault) + times);
  }
}
