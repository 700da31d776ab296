import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Storage } from '@fieldfile/core';
import { recover } from '@fieldfile/core/journal';
import { compare, type Differences, refusedIn } from './compare.ts';
import { Documents } from './documents.ts';
import { type FaultCounts, FaultPlan } from './fault-plan.ts';
import { readLedger } from './ledger.ts';
import { MUTATIONS, mutated } from './mutations.ts';
import type { FaultyDatabase } from './places.ts';
import { Random } from './random.ts';
import type { RecovererOrder } from './recoverer.ts';
import { DEADLOCKED, RECOVERY_STEPS, STOPPING, type Step, type StepPlans, UPLOADER_STEPS } from './steps.ts';
import type { WorkerOrder } from './worker.ts';
import { openBackend, openDatabase, openJournal, type World } from './world.ts';

export interface CampaignOptions {
  readonly world: World;
  /** Where ledgers and what else the run leaves are kept. */
  readonly directory: string;
  readonly kills: number;
  readonly seed: number;
  readonly mutation?: string | undefined;
  /** What is to go wrong with the database meanwhile, and how often. */
  readonly faults?: FaultCounts;
  /** Needed for these. */
  readonly faulty?: FaultyDatabase;
  /** Uploading processes at a time. */
  readonly workers: number;
  /** Recovering processes at a time. */
  readonly recoverers: number;
  readonly onProgress?: (kills: number) => void;
}

/** Killed by a signal from outside, wherever it was. */
const ANY_MOMENT = 'any moment';

export interface CampaignReport extends Differences {
  /** By step, and at any moment. */
  readonly kills: Readonly<Record<string, number>>;
  /** Uploaders stopped past their lease and continued. */
  readonly stops: number;
  /** What went wrong with the database, of what was asked for. */
  readonly faults: FaultCounts;
  /** Changes that were acknowledged. */
  readonly acknowledged: number;
  /** Entries that recovery could not bring to an end. */
  readonly left: readonly string[];
  /** What processes printed of failures nobody expects. */
  readonly complaints: readonly string[];
}

/** Kills processes until there are enough, recovers, and compares. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignReport> {
  const { world, directory, mutation } = options;
  const ledgers = join(directory, 'ledgers');
  mkdirSync(ledgers);
  const killing = new Killing(options, ledgers);
  const seen = await watching(world, killing.run());
  await using database = await openDatabase(world);
  const { journal, backend } = mutated(mutation, {
    journal: openJournal(world, database),
    backend: await openBackend(world),
  });
  const storage = new Storage(backend);
  const documents = new Documents({ database, journal, storage });
  const deadline = performance.now() + 60_000;
  let entries = await journal.entries();
  for (; entries.length > 0 && performance.now() < deadline; entries = await journal.entries()) {
    await recover(journal, { backOffSeconds: 0.05, maxAttempts: 1000 });
    await sleep(100);
  }
  const ledger = readdirSync(ledgers).flatMap(name => readLedger(join(ledgers, name)));
  const differences = await compare(documents, storage, ledger);
  return {
    ...differences,
    refused: [...differences.refused, ...seen],
    kills: killing.kills,
    stops: killing.stops,
    faults: killing.faults.counts,
    acknowledged: ledger.filter(line => !('removing' in line)).length,
    left: entries.map(entry => JSON.stringify(entry)),
    complaints: killing.complaints,
  };
}

/** Looks at every object all the while. @returns names under which there was what the inspector refuses. */
async function watching(world: World, run: Promise<void>): Promise<ReadonlySet<string>> {
  const storage = new Storage(await openBackend(world));
  const seen = new Set<string>();
  let isOver = false;
  const ended = run.finally(() => {
    isOver = true;
  });
  ended.catch(() => {}); // thrown below
  while (!isOver) {
    for (const name of await refusedIn(storage)) seen.add(name);
    await sleep(10);
  }
  await ended;
  return seen;
}

/** How long a process may take to come to its step before it is killed where it is. */
const PATIENCE_MS = 8000;

class Killing {
  readonly kills: Record<string, number>;
  readonly complaints: string[] = [];
  readonly faults: FaultPlan;
  stops = 0;
  readonly #options: CampaignOptions;
  readonly #ledgers: string;
  readonly #random: Random;
  readonly #planned = new Map<Step, number>();
  #processes = 0;
  #total = 0;

  constructor(options: CampaignOptions, ledgers: string) {
    this.#options = options;
    this.#ledgers = ledgers;
    this.#random = new Random(options.seed);
    this.faults = new FaultPlan(options.faults ?? {}, options.faulty ?? {}, new Random(options.seed + 1));
    this.kills = Object.fromEntries(
      [...this.#steps('worker'), ...this.#steps('recoverer'), ANY_MOMENT].map(step => [step, 0]),
    );
  }

  async run(): Promise<void> {
    const { workers, recoverers } = this.#options;
    const lanes = [
      ...Array.from({ length: workers }, () => this.#lane('worker')),
      ...Array.from({ length: recoverers }, () => this.#lane('recoverer')),
    ];
    const over = new AbortController();
    try {
      await Promise.all([...lanes, this.faults.run(over.signal)]);
    } finally {
      over.abort();
    }
  }

  async #lane(role: 'worker' | 'recoverer'): Promise<void> {
    const { kills } = this.#options;
    while (this.#total < kills || !this.faults.isDone) {
      const plans = this.#plans(role);
      const step = await this.#live(role, plans);
      if (plans.kill) this.#plan(plans.kill.step, -1);
      this.kills[step] = (this.kills[step] ?? 0) + 1;
      this.#total++;
      this.#options.onProgress?.(this.#total);
    }
  }

  #steps(role: 'worker' | 'recoverer'): readonly Step[] {
    const settles = this.#options.world.storage.kind === 'fs';
    const all: readonly Step[] = role === 'worker' ? UPLOADER_STEPS : RECOVERY_STEPS;
    return all.filter(step => settles || !step.endsWith('settle'));
  }

  /** A quarter is killed at any moment, the rest where the fewest were so far. */
  #plans(role: 'worker' | 'recoverer'): StepPlans {
    const random = this.#random;
    const mutation = MUTATIONS[this.#options.mutation ?? ''];
    const stopAt =
      mutation?.stop ??
      random.pick([
        'mid-upload',
        'after create',
        'after replace',
        'after journal begin',
        'before removal',
        'after take',
      ]);
    const stops = role === 'worker' && random.chance(mutation ? (mutation.stopShare ?? 0) : 0.15);
    const stop = stops ? { step: stopAt, count: 1 + random.below(3) } : undefined;
    if (random.chance(0.25)) return { stop };
    const steps = role === 'worker' && mutation ? mutation.kill : this.#steps(role);
    const weight = (step: Step): number =>
      (this.kills[step] ?? 0) + (this.#planned.get(step) ?? 0) + random.next();
    const [step] = steps.map(one => ({ one, weight: weight(one) })).sort((a, b) => a.weight - b.weight);
    if (!step) return { stop };
    this.#plan(step.one, 1);
    const most = stop || mutation?.stop ? 1 : role === 'worker' ? 8 : 3;
    return { kill: { step: step.one, count: 1 + random.below(most) }, stop };
  }

  #plan(step: Step, change: number): void {
    this.#planned.set(step, (this.#planned.get(step) ?? 0) + change);
  }

  /** Runs one process until it is dead. @returns where it was killed. */
  async #live(role: 'worker' | 'recoverer', plans: StepPlans): Promise<string> {
    const { world, mutation } = this.#options;
    const number = this.#processes++;
    const seed = (this.#options.seed * 65_537 + number) >>> 0;
    const name = `p${number}`;
    const order: WorkerOrder | RecovererOrder =
      role === 'worker'
        ? { world, plans, mutation, seed, name, ledger: join(this.#ledgers, name) }
        : { world, plans, mutation };
    const child = spawn(process.execPath, [...FLAGS, program(role), JSON.stringify(order)], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, NODE_COMPILE_CACHE: join(this.#options.directory, 'compiled') },
    });
    return this.#watch(child, plans, 20 + this.#random.next() * 1000);
  }

  #watch(child: ChildProcess, plans: StepPlans, momentMs: number): Promise<string> {
    return new Promise((resolve, reject) => {
      let killed = false;
      let timer: NodeJS.Timeout | undefined;
      const killLater = (ms: number): void => {
        clearTimeout(timer);
        timer = setTimeout(() => {
          killed = child.kill('SIGKILL');
        }, ms);
      };
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        this.faults.deadlocked(text.split(DEADLOCKED).length - 1);
        if (text.includes('ready')) killLater(plans.kill ? PATIENCE_MS : momentMs);
        if (!text.includes(STOPPING)) return;
        this.stops++;
        const { leaseSeconds } = this.#options.world;
        const asleepMs = leaseSeconds * 1000 * (2 + 3 * this.#random.next());
        setTimeout(() => child.kill('SIGCONT'), asleepMs);
        killLater(asleepMs + (plans.kill ? PATIENCE_MS : momentMs));
      });
      let complaint = '';
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        complaint += text;
      });
      child.on('error', reject);
      child.on('close', (status, signal) => {
        clearTimeout(timer);
        if (complaint !== '') this.complaints.push(complaint);
        if (signal === 'SIGKILL') resolve(killed || !plans.kill ? ANY_MOMENT : plans.kill.step);
        else reject(new Error(`A process ended by itself (${signal ?? status}): ${complaint}`));
      });
    });
  }
}

const FLAGS = ['--conditions=@fieldfile/source', '--disable-warning=ExperimentalWarning'];

const program = (role: 'worker' | 'recoverer'): string =>
  fileURLToPath(new URL(`./${role}.ts`, import.meta.url));
