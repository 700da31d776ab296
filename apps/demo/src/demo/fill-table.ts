import { createReadStream } from 'node:fs';
import type { FileTable } from './file-table.ts';
import { findFiles } from './find-files.ts';
import { forEachAtOnce } from './for-each-at-once.ts';
import type { Count } from './progress.ts';
import { sha256 } from './sha256.ts';

/**
 * Makes a row of every file, with the digest that everything is compared with later. A file that cannot be read has a
 * row as well: keeping it must fail.
 *
 * @returns labels of what is no file.
 * @throws UsageError where a path does not exist.
 */
export async function fillTable(
  table: FileTable,
  paths: readonly string[],
  options: { readonly concurrency: number; readonly signal: AbortSignal; readonly count: Count },
): Promise<readonly string[]> {
  const { concurrency, signal, count } = options;
  const skipped: string[] = [];
  let rows = 0;
  for (const path of paths)
    await forEachAtOnce(findFiles(path), concurrency, async found => {
      if (found.skipped) return void skipped.push(found.label);
      const id = ++rows; // before anything is awaited: in the order they are found
      const measured = await measure(found.path, count, signal);
      table.insert({ id, source: found.path, label: found.label, ...measured });
      count({ files: 1 });
    });
  return skipped;
}

async function measure(
  path: string,
  count: Count,
  signal: AbortSignal,
): Promise<{ readonly sizeBytes: number; readonly sha256: string | null }> {
  let sizeBytes = 0;
  try {
    const digest = await sha256(createReadStream(path, { signal }), bytes => {
      sizeBytes += bytes;
      count({ bytes });
    });
    return { sizeBytes, sha256: digest };
  } catch (error) {
    if (signal.aborted) throw error;
    return { sizeBytes: 0, sha256: null };
  }
}
