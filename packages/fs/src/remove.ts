import type { CallOptions, ObjectVersion } from '@fieldfile/storage';
import { type ObjectKey, throwIfAborted } from '@fieldfile/storage/backend';
import { checkVersionIn } from './check-version.ts';
import type { Directory } from './directory.ts';
import { isDiskError } from './disk-error.ts';
import { type Root, splitKey } from './root.ts';
import type { WriteLock } from './write-lock.ts';

/** Removes an object, or an empty folder. @returns false when there was neither. */
export async function removeObject(
  root: Root,
  lock: WriteLock,
  key: ObjectKey,
  { signal, ifMatch }: CallOptions & { readonly ifMatch?: ObjectVersion },
): Promise<boolean> {
  throwIfAborted(signal, 'remove');
  const { folders, name } = splitKey(key);
  const folder = await root.folderIfAny(folders);
  if (!folder) return false;
  try {
    const removed = await lock.hold({ conditional: ifMatch !== undefined, signal }, async () => {
      if (ifMatch !== undefined) {
        if (!(await folder.stat(name))) return false;
        await checkVersionIn(folder, name, ifMatch);
      }
      return unlinkOrRemove(folder, name);
    });
    if (removed) await root.sync(folder);
    return removed;
  } finally {
    folder.close();
  }
}

/** A link, a pipe or a device is no object, and stays. */
async function unlinkOrRemove(folder: Directory, name: string): Promise<boolean> {
  const stats = await folder.stat(name);
  if (stats && !stats.isFile() && !stats.isDirectory()) return false;
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
