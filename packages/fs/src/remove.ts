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
  let folder: Directory;
  try {
    folder = await root.folder(folders);
  } catch (error) {
    if (isDiskError(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
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

async function unlinkOrRemove(folder: Directory, name: string): Promise<boolean> {
  try {
    await folder.unlink(name);
    return true;
  } catch (error) {
    if (isDiskError(error, 'ENOENT')) return false;
    // POSIX says EPERM for a directory, Linux EISDIR.
    const isFolder = isDiskError(error, 'EISDIR', 'EPERM') && (await folder.stat(name))?.isDirectory();
    if (!isFolder) throw error;
  }
  try {
    await folder.removeDirectory(name);
    return true;
  } catch (error) {
    if (isDiskError(error, 'ENOENT', 'ENOTEMPTY', 'EEXIST')) return false;
    throw error;
  }
}
