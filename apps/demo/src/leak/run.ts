import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { getHeapStatistics } from 'node:v8';
import type { Configuration, Flags } from './configuration.ts';
import type { Task } from './measure.ts';
import type { Measurement } from './measurement.ts';

/**
 * Runs one configuration after the other, each in a fresh process: the highest resident set is kept by process, and
 * never goes down. The rows are made by other processes before.
 */
export async function* measureAll(
  configurations: readonly Configuration[],
  signal?: AbortSignal,
): AsyncGenerator<Measurement, void, undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'fieldfile-leak-'));
  try {
    const ids = new Map<string, number>();
    for (const configuration of configurations) {
      const { label } = configuration.size;
      let id = ids.get(label);
      if (id === undefined) {
        id = ids.size + 1;
        await runScript([CREATE, folder, label, String(id)], signal);
        ids.set(label, id);
      }
      const task: Task = { ...configuration, folder, id };
      yield JSON.parse(
        await runScript([...V8_FLAGS[configuration.flags], MEASURE, JSON.stringify(task)], signal),
      ) as Measurement;
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What rows that are all alive may take: half of the heap that a process gets, and of what the machine has free. */
export function rowMemoryBytes(): number {
  return Math.min(getHeapStatistics().heap_size_limit, process.availableMemory()) / 2;
}

const FLAGS = ['--expose-gc', '--conditions=@fieldfile/source'];

/**
 * Left alone, V8 lets garbage grow to hundreds of megabytes before it collects, how many
 * being a matter of the machine's memory and of when its marking threads get to run; told to favour memory, it collects
 * what it can soon, and what remains is what was kept.
 */
const V8_FLAGS: Readonly<Record<Flags, readonly string[]>> = { size: ['--optimize-for-size'], default: [] };

const CREATE = fileURLToPath(new URL('./create.ts', import.meta.url));
const MEASURE = fileURLToPath(new URL('./measure.ts', import.meta.url));

async function runScript(args: readonly string[], signal?: AbortSignal): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...FLAGS, ...args],
    signal ? { signal } : {},
  );
  return stdout;
}
