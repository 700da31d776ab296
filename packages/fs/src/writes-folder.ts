import type { WriteId } from '@fieldfile/storage';
import { wholeOf } from '@fieldfile/storage/backend';
import type { Directory } from './directory.ts';
import { DiskError, isDiskError, WRITE_UNDONE } from './disk-error.ts';
import { removeFolder } from './remove-folder.ts';
import type { Root } from './root.ts';

/** The folder of the writes that belong to another one, in the internal folder of the root. */
const writesFolderName = (whole: WriteId): string => `${whole}.writes`;

/** Where the files of a write are, below an internal folder; undefined where it has none. Close it, unless it is the same. */
export async function folderOfWrite(internal: Directory, writeId: WriteId): Promise<Directory | undefined> {
  const whole = wholeOf(writeId);
  if (whole === undefined) return internal;
  try {
    return await internal.child(writesFolderName(whole));
  } catch (error) {
    if (isDiskError(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

/**
 * Opens the folder for what is staged for a write. Only who creates an object makes it: once the other write has ended, nobody who
 * slept meanwhile leaves anything.
 *
 * @throws `WRITE_UNDONE` where the write belongs to one that has ended.
 */
export async function folderForWrite(
  root: Root,
  internal: Directory,
  writeId: WriteId,
  isCreating: boolean,
): Promise<Directory> {
  const whole = wholeOf(writeId);
  if (whole !== undefined && isCreating) {
    await makeFolder(internal, writesFolderName(whole));
    await root.sync(internal);
  }
  const folder = await folderOfWrite(internal, writeId);
  if (folder) return folder;
  throw new DiskError(WRITE_UNDONE, 'the write to which it belongs has ended');
}

/** Removes what writes have left that belong to this one. @returns whether there was any. */
export const removeWrites = (internal: Directory, whole: WriteId): Promise<boolean> =>
  removeFolder(internal, writesFolderName(whole));

async function makeFolder(internal: Directory, name: string): Promise<void> {
  try {
    await internal.makeDirectory(name, 0o700);
  } catch (error) {
    if (!isDiskError(error, 'EEXIST')) throw error;
  }
}
