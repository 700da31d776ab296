import { setImmediate as turn } from 'node:timers/promises';
import { configure, type FieldFile } from '@fieldfile/core';
import type { Configuration, Loop } from './configuration.ts';
import { type LeakRow, openLeakTable } from './leak-table.ts';
import type { Measurement } from './measurement.ts';

/** What this process is told, as JSON in its only argument. */
export interface Task extends Configuration {
  readonly folder: string;
  readonly id: number;
}

const task = JSON.parse(process.argv[2] ?? '') as Task;
const collect = globalThis.gc;
if (!collect) throw new Error('run with --expose-gc');
if (task.ownership === 'naive') configure({ releaseKept: false });

const { database, f } = openLeakTable(task.folder, task.ownership === 'strong' ? 'strong' : 'weak');
const select = database.prepare('SELECT id, f, f_json FROM leak WHERE id = ?');

// Counts owners that were collected. A WeakRef to each would be the obvious way, but making one keeps its target until
// the job ends (KeepDuringJob), which is the very effect under measurement; a registration keeps nothing.
let collected = 0;
const owners = new FinalizationRegistry<undefined>(() => {
  collected++;
});

const held: FieldFile<LeakRow>[] = [];

function fetchAndTouch(): void {
  const row = select.get(task.id) as unknown as LeakRow;
  owners.register(row, undefined);
  if (task.ownership === 'bare') return;
  const extra = { f: f.of(row) };
  if (task.pattern === 'hold') held.push(extra.f);
}

const loops: Readonly<Record<Loop, () => void | Promise<void>>> = {
  sync() {
    for (let i = 0; i < task.iterations; i++) fetchAndTouch();
  },
  async microtask() {
    for (let i = 0; i < task.iterations; i++) {
      fetchAndTouch();
      await Promise.resolve();
    }
  },
  async macrotask() {
    for (let i = 0; i < task.iterations; i++) {
      fetchAndTouch();
      await turn();
    }
  },
};

const memoryStart = process.memoryUsage.rss();
await loops[task.loop]();
const memoryEnd = process.memoryUsage.rss();
const peakRss = process.resourceUsage().maxRSS * 1024; // in kilobytes

// Twice: what the first collection finds dead may have held on to more.
for (let i = 0; i < 2; i++) {
  await turn();
  collect();
}
await turn(); // the registry reports in a task of its own
const memoryCollected = process.memoryUsage.rss();

const measurement: Measurement = {
  size: task.size.label,
  ownership: task.ownership,
  pattern: task.pattern,
  loop: task.loop,
  flags: task.flags,
  iterations: task.iterations,
  memoryStartMB: megabytes(memoryStart),
  memoryEndMB: megabytes(memoryEnd),
  memoryDiffMB: megabytes(memoryEnd - memoryStart),
  collectedDiffMB: megabytes(memoryCollected - memoryStart),
  peakRssMB: megabytes(Math.max(0, peakRss - memoryStart)),
  liveOwners: task.iterations - collected,
};
console.log(JSON.stringify(measurement));

function megabytes(bytes: number): number {
  return Math.round((bytes / 1024 ** 2) * 100) / 100;
}
