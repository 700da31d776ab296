import { storages } from '@fieldfile/core';
import { type ExerciseOptions, exercise, failureOf } from './exercise.ts';
import type { FileTable } from './file-table.ts';
import { PeakRss } from './peak-rss.ts';
import type { Progress } from './progress.ts';
import type { StorageName } from './storage-name.ts';
import type { StorageReport } from './storage-report.ts';
import type { OpenedStorage, Plan } from './storages/plan.ts';

/** Opens a storage, takes all files through it, and closes it. Only an abort throws. */
export async function runStorage(
  name: StorageName,
  plan: Plan,
  table: FileTable,
  options: ExerciseOptions,
  progress: Progress,
): Promise<StorageReport> {
  globalThis.gc?.(); // what the one before left is not this one's
  const peakRss = new PeakRss();
  progress.begin(name, plan.place);
  try {
    const done = await openAndExercise(name, plan, table, options, progress);
    progress.end(done.failures.length === 0);
    const { files, bytes } = table.count();
    return { storage: name, place: plan.place, files, bytes, ...done, peakRssBytes: peakRss.bytes };
  } finally {
    peakRss[Symbol.dispose]();
  }
}

async function openAndExercise(
  name: StorageName,
  plan: Plan,
  table: FileTable,
  options: ExerciseOptions,
  progress: Progress,
): Promise<Pick<StorageReport, 'id' | 'steps' | 'failures' | 'objectsLeft'>> {
  let opened: OpenedStorage;
  try {
    opened = await plan.open();
  } catch (error) {
    return { steps: {}, failures: [failureOf('open', error)] };
  }
  const { storage } = opened;
  try {
    storages.configure({ [name]: storage });
    return { id: storage.id, ...(await exercise(name, storage, table, options, progress)) };
  } finally {
    await opened.close();
  }
}
