import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from './command-line.ts';
import { openFileTable } from './demo/file-table.ts';
import { fillTable } from './demo/fill-table.ts';
import { help, type Options, parseOptions } from './demo/options.ts';
import { Progress } from './demo/progress.ts';
import { runStorage } from './demo/run-storage.ts';
import { samplePaths } from './demo/samples.ts';
import { readSettings } from './demo/settings.ts';
import type { StorageReport } from './demo/storage-report.ts';
import { planStorages } from './demo/storages/plans.ts';
import { summary } from './demo/summary.ts';

// Files through every storage and back. `npm run demo:storages -- --help` says more.

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort()); // so that nothing is left behind

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(help);
  else await inTemporaryFolder(options.keep, folder => run(options, folder));
} catch (error) {
  if (error instanceof UsageError) {
    console.error(`${error.message}\nnpm run demo:storages -- --help lists the options.`);
    process.exitCode = 2;
  } else if (interrupted.signal.aborted) process.exitCode = 130;
  else throw error;
}

async function run(options: Options, folder: string): Promise<void> {
  const startedAt = performance.now();
  const { concurrency, keep, json } = options;
  const { signal } = interrupted;
  const settings = readSettings(process.env, options.config);
  const plans = await planStorages(options.only, settings, join(folder, 'media'));
  const objects = `fieldfile-demo/${randomUUID()}`;
  const progress = new Progress(process.stderr);
  const table = openFileTable(join(folder, 'files.sqlite'), objects);
  try {
    const paths = options.path === undefined ? samplePaths(folder) : [options.path];
    progress.begin('files');
    const skipped = await progress.step('read', undefined, count =>
      fillTable(table, paths, { concurrency, signal, count }),
    );
    progress.end(true);
    if (table.count().files === 0)
      throw new UsageError(`${JSON.stringify(options.path)} has no files to keep.`);

    const reports: StorageReport[] = [];
    for (const [name, plan] of plans) {
      const report = await runStorage(
        name,
        plan,
        table,
        { folder: objects, concurrency, keep, signal },
        progress,
      );
      if (json) console.log(JSON.stringify(report));
      reports.push(report);
    }
    if (!json) {
      console.log(`\n${summary(reports, { keep, milliseconds: performance.now() - startedAt })}`);
      if (skipped.length > 0) console.log(skippedLine(skipped));
      if (keep)
        console.log(`Kept: the rows in ${join(folder, 'files.sqlite')}, the objects below ${objects}/`);
    }
    if (reports.some(({ failures }) => failures.length > 0)) process.exitCode = 1;
  } catch (error) {
    progress.clear();
    throw error;
  } finally {
    table.close();
  }
}

function skippedLine(labels: readonly string[]): string {
  const shown = labels.slice(0, 3).join(', ');
  const more = labels.length > 3 ? ` and ${labels.length - 3} more` : '';
  return `Passed by, since no regular files: ${shown}${more}.`;
}

/** Removed at the end, unless what is in it is wanted. */
async function inTemporaryFolder(keep: boolean, work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'fieldfile-demo-'));
  let done = false;
  try {
    await work(folder);
    done = true;
  } finally {
    if (!(keep && done)) rmSync(folder, { recursive: true, force: true });
  }
}
