import { sha256 } from '../demo/sha256.ts';
import type { Changes } from '../library/changes.ts';
import type { FileRow } from '../library/database.ts';
import type { Shelf } from '../library/shelves.ts';
import type { CopyProgress } from './storage-view.ts';

/**
 * Copies every file of a storage to another one, and reads each copy back. What is there already is passed over, so that a
 * copy that was broken off goes on where it was.
 */
export async function* copyShelf(
  from: Shelf,
  to: Shelf,
  changes: Changes,
  signal: AbortSignal,
): AsyncGenerator<CopyProgress, void, undefined> {
  const [rows, others] = await Promise.all([from.all(), to.all()]);
  const there = new Set(others.map(identityOf));
  let progress: CopyProgress = { done: 0, total: rows.length, bytes: 0, verified: 0, skipped: 0, failed: 0 };
  yield progress;
  for (const row of rows) {
    if (signal.aborted) return;
    const { done, bytes, verified, skipped, failed, total } = progress;
    if (there.has(identityOf(row))) progress = { ...progress, done: done + 1, skipped: skipped + 1 };
    else {
      const isVerified = await copyAndVerify(from, row, to, changes).catch(() => false);
      progress = {
        total,
        skipped,
        done: done + 1,
        bytes: bytes + (row.sizeBytes ?? 0),
        verified: verified + (isVerified ? 1 : 0),
        failed: failed + (isVerified ? 0 : 1),
      };
    }
    yield progress;
  }
}

const identityOf = ({ title, digest }: FileRow): string => `${digest} ${title}`;

async function copyAndVerify(from: Shelf, row: FileRow, to: Shelf, changes: Changes): Promise<boolean> {
  const { id } = await changes.copy(from, row.id, to);
  const copy = await to.find(Number(id.split('/')[1]));
  const { stored } = to.table.fields.file.of(copy);
  if (!stored) return false;
  const digest = Buffer.from(await sha256(stored.stream()), 'hex').toString('base64');
  return row.digest === null ? row.sizeBytes === copy.sizeBytes : row.digest === `sha256-${digest}`;
}
