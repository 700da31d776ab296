import type { CallOptions, ObjectVersion } from '@fieldfile/storage';
import { type ObjectName, throwIfAborted } from '@fieldfile/storage/backend';
import { checkVersionIn } from './check-version.ts';
import type { Directory } from './directory.ts';
import { isDiskError } from './disk-error.ts';
import { heldFor } from './held-name.ts';
import { isHeld } from './is-held.ts';
import { type Root, splitName } from './root.ts';
import type { WriteLock } from './write-lock.ts';

/** Removes an object, or an empty folder. @returns false when there was neither. */
export async function removeObject(
  root: Root,
  lock: WriteLock,
  name: ObjectName,
  { signal, ifMatch }: CallOptions & { readonly ifMatch?: ObjectVersion },
): Promise<boolean> {
  throwIfAborted(signal, 'remove');
  const { folders, last } = splitName(name);
  const folder = await root.folderIfAny(folders);
  if (!folder) return false;
  try {
    const removed = await lock.hold({ conditional: ifMatch !== undefined, signal }, async () => {
      if (ifMatch !== undefined) {
        if (!(await folder.stat(last))) return false;
        await checkVersionIn(folder, last, ifMatch);
      }
      return unlinkOrRemove(root, name, folder, last);
    });
    if (removed) await root.sync(folder);
    return removed;
  } finally {
    folder.close();
  }
}

/** A link, a pipe or a device is no object, and stays; so does what holds a name. */
async function unlinkOrRemove(
  root: Root,
  whole: ObjectName,
  folder: Directory,
  name: string,
): Promise<boolean> {
  const stats = await folder.stat(name);
  if (stats && !stats.isFile() && !stats.isDirectory()) return false;
  if (stats?.isFile()) {
    const writeId = await heldFor(folder, name, stats.size);
    if (writeId !== undefined && (await isHeld(root, whole, writeId, stats))) return false;
  }
  try {
    await (stats?.isDirectory() ? folder.removeDirectory(name) : folder.unlink(name));
    return true;
  } catch (error) {
    // Another was faster: it is gone, or has something in it, or a folder has become a file, or the reverse.
    if (isDiskError(error, 'ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EISDIR', 'EBUSY')) return false;
    // POSIX says EPERM of a directory that is to be unlinked.
    if (isDiskError(error, 'EPERM') && (await folder.stat(name))?.isDirectory()) return false;
    throw error;
  }
}
