import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Comparison, Figures } from './comparison.ts';

const SCRIPT = fileURLToPath(new URL('./run-way.ts', import.meta.url));

/** Figures of every round of every way. */
export type Rounds = ReadonlyMap<string, readonly Figures[]>;

export interface RunOptions {
  readonly suite: string;
  readonly folder: string;
  readonly rounds: number;
  readonly signal: AbortSignal;
  /** Told before each run. */
  readonly onRun: (way: string, round: number) => void;
}

/**
 * Runs the ways in turn, round by round, so that whatever else the machine does meets them all; each round begins with
 * another way, since a run may change what the next one finds.
 */
export async function runComparison(comparison: Comparison, options: RunOptions): Promise<Rounds> {
  const { suite, folder, rounds, signal, onRun } = options;
  const ways = Object.keys(comparison.ways);
  const results = new Map<string, Figures[]>(ways.map(way => [way, []]));
  const { serverEachRound = false } = comparison;
  await using _ = serverEachRound ? undefined : await prepared(comparison, folder);
  for (let round = 1; round <= rounds; round++) {
    await using _ = serverEachRound ? await prepared(comparison, folder) : undefined;
    const first = (round - 1) % ways.length;
    for (const way of [...ways.slice(first), ...ways.slice(0, first)]) {
      onRun(way, round);
      results.get(way)?.push(await runProcess([suite, comparison.title, way, folder], signal));
    }
  }
  return results;
}

async function prepared(
  { server, prepare }: Comparison,
  folder: string,
): Promise<AsyncDisposable | undefined> {
  const started = await server?.(folder);
  try {
    await prepare?.(folder);
    return started;
  } catch (error) {
    await started?.[Symbol.asyncDispose]();
    throw error;
  }
}

async function runProcess(args: readonly string[], signal: AbortSignal): Promise<Figures> {
  const flags = ['--conditions=@fieldfile/source', '--expose-gc'];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, SCRIPT, ...args], { signal });
  return JSON.parse(stdout) as Figures;
}
