import type { ObjectVersion } from '@fieldfile/storage';
import type { ObjectName } from '@fieldfile/storage/backend';
import type { Directory } from './directory.ts';
import { DiskError, isDiskError, VERSION_CHANGED } from './disk-error.ts';
import { versionOf } from './object-info.ts';
import { type Root, splitName } from './root.ts';

/** Looks before a byte is consumed; whoever publishes looks again. */
export async function checkVersion(root: Root, name: ObjectName, ifMatch: ObjectVersion): Promise<void> {
  const { folders, last } = splitName(name);
  let folder: Directory;
  try {
    folder = await root.folder(folders);
  } catch (error) {
    if (isDiskError(error, 'ENOENT')) throw new DiskError(VERSION_CHANGED, 'there is no such folder');
    throw error;
  }
  try {
    await checkVersionIn(folder, last, ifMatch);
  } finally {
    folder.close();
  }
}

/** @throws `precondition` unless that version of the object is there. */
export async function checkVersionIn(folder: Directory, name: string, ifMatch: ObjectVersion): Promise<void> {
  const stats = await folder.stat(name);
  if (!stats?.isFile() || versionOf(stats) !== ifMatch)
    throw new DiskError(VERSION_CHANGED, 'another version, or none, is there');
}
