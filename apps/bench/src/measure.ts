import { readdirSync, readFileSync } from 'node:fs';
import type { Figures } from './comparison.ts';

const WARM_UP_MS = 1000;

/** Wall time and CPU time of this process, in milliseconds. */
export async function timed(run: () => Promise<unknown>): Promise<Figures> {
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  await run();
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { wallMs, cpuMs: (user + system) / 1000 };
}

/** As {@link timed}, with the CPU time of the processes that this one has begun, as far as they still run. */
export async function timedWithChildren(run: () => Promise<unknown>): Promise<Figures> {
  const before = childrenCpuMs();
  const { wallMs = 0, cpuMs = 0 } = await timed(run);
  return { wallMs, cpuMs: cpuMs + childrenCpuMs() - before };
}

/** Linux counts it in hundredths of a second. */
function childrenCpuMs(): number {
  let ticks = 0;
  for (const name of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    const [, parent, ...fields] = statOf(name);
    if (Number(parent) === process.pid) ticks += Number(fields[9]) + Number(fields[10]);
  }
  return ticks * 10;
}

/** What stands behind the name in a process's status: state, parent, and so on. Nothing where it has ended. */
function statOf(pid: string): readonly string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

/** What takes milliseconds, after a second of it: its code is optimised then, as in a server that runs. */
export async function afterOthers(run: (round: number) => Promise<unknown>): Promise<Figures> {
  const until = performance.now() + WARM_UP_MS;
  let round = 0;
  do await run(round++);
  while (performance.now() < until);
  return timed(() => run(round));
}

/** Beside what `run` measures: how far the resident set rose above where it was at the start, at its highest. */
export async function peakRss(run: () => Promise<Figures>): Promise<Figures> {
  collectGarbage();
  const start = process.memoryUsage.rss();
  const figures = await run();
  const peak = process.resourceUsage().maxRSS * 1024;
  return { ...figures, peakRssMiB: (peak - start) / 1024 ** 2 };
}

/** Acts on each name, on so many at once. */
export async function atOnce(
  names: readonly string[],
  count: number,
  act: (name: string) => Promise<unknown>,
): Promise<void> {
  const queue = names.values();
  const worker = async (): Promise<void> => {
    for (const name of queue) await act(name);
  };
  await Promise.all(Array.from({ length: count }, worker));
}

/** Bytes in use on the heap, garbage excluded. */
export function liveHeapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

function collectGarbage(): void {
  if (!globalThis.gc) throw new Error('Ways are run with --expose-gc.');
  globalThis.gc();
}
