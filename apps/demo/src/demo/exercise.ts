import { FieldFileError, isFieldFileError, type Storage } from '@fieldfile/core';
import { canSignUrls } from '@fieldfile/storage';
import type { FileTable, Selection } from './file-table.ts';
import { fileWork } from './file-work.ts';
import { forEachAtOnce } from './for-each-at-once.ts';
import type { Progress } from './progress.ts';
import type { StorageName } from './storage-name.ts';
import type { Failure, Step, StepFigures, StorageReport } from './storage-report.ts';

export interface ExerciseOptions {
  /** Below which the objects of this run go. */
  readonly folder: string;
  readonly concurrency: number;
  readonly keep: boolean;
  readonly signal: AbortSignal;
}

const REPLACE_EVERY = 4;

/**
 * Takes every file of the table through a storage that is configured under its name. What fails is in the result, and
 * the rest goes on; only an abort throws.
 */
export async function exercise(
  name: StorageName,
  storage: Storage,
  table: FileTable,
  options: ExerciseOptions,
  progress: Progress,
): Promise<Pick<StorageReport, 'steps' | 'failures' | 'objectsLeft'>> {
  const { concurrency, signal, keep } = options;
  const work = fileWork(name, table, signal);
  const figures: { [step in Step]?: StepFigures } = {};
  const failures: Failure[] = [];

  const run = async (step: Step, selection: Selection): Promise<void> => {
    const startedAt = performance.now();
    let files = 0;
    let bytes = 0;
    await progress.step(step, table.count(selection), async count => {
      // Rows are loaded anew for every step, a page at a time.
      await forEachAtOnce(table.rows(selection), concurrency, async row => {
        let counted = 0;
        try {
          await work[step](row, done => {
            counted += done.bytes ?? 0;
            count(done);
          });
          files++;
          bytes += counted;
          count({ files: 1 });
        } catch (error) {
          if (signal.aborted) throw error;
          failures.push(failureOf(step, error, row.label));
        }
      });
    });
    figures[step] = { files, bytes, milliseconds: Math.round(performance.now() - startedAt) };
  };

  const objects = (signal?: AbortSignal): Promise<string[]> => objectsBelow(storage, options.folder, signal);

  try {
    await objects(signal);
  } catch (error) {
    // One that cannot be reached is not asked again for every file.
    signal.throwIfAborted();
    return { steps: figures, failures: [failureOf('open', error)] };
  }
  try {
    await run('save', {});
    await run('read', { on: name });
    if (await signsUrls(storage)) await run('url', { on: name });
    await run('replace', { on: name, every: REPLACE_EVERY });
    if (!keep) await run('delete', { on: name });
    const left = await objects(signal);
    const expected = table.count({ on: name }).files;
    if (left.length !== expected) failures.push(leftBehind(left, expected));
    // Those of failures: a real storage is left as it was found.
    if (!keep) await storage.deleteMany(left, { signal });
    return { steps: figures, failures, objectsLeft: left.length };
  } catch (error) {
    if (signal.aborted) {
      if (!keep) await storage.deleteMany(await objects());
      throw error;
    }
    failures.push(failureOf('list', error));
    return { steps: figures, failures };
  }
}

const objectsBelow = (storage: Storage, folder: string, signal?: AbortSignal): Promise<string[]> =>
  Array.fromAsync(storage.list(`${folder}/`, signal ? { signal } : {}), ({ name }) => name);

/** Some cannot with the credentials they were given, such as a shared access signature. */
async function signsUrls(storage: Storage): Promise<boolean> {
  if (!canSignUrls(storage)) return false;
  try {
    await storage.signedUrl('any', { expiresInSeconds: 60 });
    return true;
  } catch (error) {
    return !isFieldFileError(error, 'unsupported');
  }
}

const leftBehind = (left: readonly string[], expected: number): Failure =>
  failureOf(
    'list',
    new FieldFileError(
      'integrity',
      `The storage has ${left.length} objects, and the rows name ${expected}: ${left.slice(0, 3).join(', ')}.`,
      { operation: 'demo' },
    ),
  );

export function failureOf(step: Failure['step'], error: unknown, file?: string): Failure {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return {
    step,
    ...(file === undefined ? {} : { file }),
    code: isFieldFileError(error) ? error.code : name,
    message,
  };
}
