import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UsageError } from '../command-line.ts';

export interface Found {
  readonly path: string;
  /** As it is shown: relative to what was asked for. */
  readonly label: string;
  /** What is no file to keep: a symbolic link, a socket, a device. */
  readonly skipped: boolean;
}

/**
 * Everything below a folder, or a file by itself. Symbolic links are not followed.
 *
 * @throws UsageError where there is nothing of that name.
 */
export async function* findFiles(path: string): AsyncGenerator<Found, void, undefined> {
  const stats = await stat(path).catch(() => undefined);
  if (!stats) throw new UsageError(`${JSON.stringify(path)} does not exist, or may not be seen.`);
  if (stats.isDirectory()) yield* findBelow(path, '');
  else yield { path, label: basename(path), skipped: !stats.isFile() };
}

async function* findBelow(folder: string, label: string): AsyncGenerator<Found, void, undefined> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch {
    // Found as if it were a file, so that what cannot be read is missed by name.
    return yield { path: folder, label: label || basename(folder), skipped: false };
  }
  for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    const found = { path: join(folder, entry.name), label: join(label, entry.name) };
    if (entry.isDirectory()) yield* findBelow(found.path, found.label);
    else yield { ...found, skipped: !entry.isFile() };
  }
}
