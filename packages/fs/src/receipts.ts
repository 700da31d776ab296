import fs, { type BigIntStats } from 'node:fs';
import type { WriteId } from '@fieldfile/storage';
import type { ObjectName, UndoOptions, UndoResult } from '@fieldfile/storage/backend';
import type { Directory } from './directory.ts';
import { isDiskError } from './disk-error.ts';
import { isHeldName } from './held-name.ts';
import { sameFile, versionOf } from './object-info.ts';
import { partsFolderName, removeParts } from './parts-folder.ts';
import { readSmall } from './read-small.ts';
import { type Root, splitName } from './root.ts';
import { INTERNAL } from './root-marker.ts';
import { removeName } from './staged.ts';
import type { WriteLock } from './write-lock.ts';
import { folderOfWrite, removeWrites } from './writes-folder.ts';

const { O_WRONLY, O_CREAT, O_EXCL } = fs.constants;

/**
 * How a write is known to have made an object. Where there are hard links, the staged file stays under its write id
 * until `settle`: the object is that very inode. Where there are none, a small file of this name holds the version.
 */
export const receiptName = (writeId: WriteId): string => `${writeId}.receipt`;

/** The second name that a replacement is renamed from. */
export const replacementName = (writeId: WriteId): string => `${writeId}.new`;

/** What a reserved name holds until the object is renamed over it. */
export const stubText = (writeId: WriteId): Uint8Array =>
  new TextEncoder().encode(`reserved for write ${writeId}\n`);

export async function writeReceipt(
  directory: Directory,
  writeId: WriteId,
  version: string,
  durable: boolean,
): Promise<void> {
  const name = receiptName(writeId);
  await removeName(directory, name);
  const file = await directory.open(name, O_WRONLY | O_CREAT | O_EXCL, 0o600);
  try {
    await file.append([new TextEncoder().encode(version)]);
    if (durable) await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Forgets how to undo a write. Not fsynced, which would cost every save a sixth of its speed: a receipt that a power cut
 * brings back is a second name for the object and nothing else.
 */
export async function settle(root: Root, name: ObjectName, writeId: WriteId): Promise<void> {
  const lease = await root.internalIfOpen();
  if (lease) {
    try {
      const folder = await folderOfWrite(lease.directory, writeId);
      try {
        if (folder && (await forget(folder, writeId))) return;
      } finally {
        if (folder !== lease.directory) folder?.close();
      }
    } finally {
      lease.release();
    }
  }
  for await (const folder of foldersOfWrite(root, name, writeId)) if (await forget(folder, writeId)) return;
}

async function forget(folder: Directory, writeId: WriteId): Promise<boolean> {
  return (await removeName(folder, writeId)) || (await removeName(folder, receiptName(writeId)));
}

/** The object at `name`, whole, if that write made it. */
export async function findWritten(
  root: Root,
  name: ObjectName,
  writeId: WriteId,
): Promise<BigIntStats | undefined> {
  const { folders, last } = splitName(name);
  for await (const internal of foldersOfWrite(root, name, writeId)) {
    const folder = await root.folderIfAny(folders);
    if (!folder) return undefined;
    try {
      const stats = await folder.stat(last);
      if (stats && (await proves(internal, writeId, stats))) return stats;
    } finally {
      folder.close();
    }
  }
  return undefined;
}

/** Takes back what a write left, by what its receipt proves. The receipt goes last, so that it can be done again. */
export async function undo(
  root: Root,
  lock: WriteLock,
  name: ObjectName,
  writeId: WriteId,
  { signal, keepObject = false, durability }: UndoOptions,
): Promise<UndoResult> {
  const { folders, last } = splitName(name);
  const folder = await root.folderIfAny(folders);
  let removed = false;
  try {
    for await (const internal of foldersOfWrite(root, name, writeId, folder)) {
      const hadWrites = await removeWrites(internal, writeId);
      if (hadWrites) removed = true;
      // In this order: parts go when the object is about to have its name, and are a staged file then.
      const hasParts = (await internal.stat(partsFolderName(writeId))) !== undefined;
      const left = await leftovers(internal, writeId);
      if (left.length === 0 && !hasParts) {
        if (hadWrites && durability === undefined) await root.sync(internal);
        continue;
      }
      removed = true;
      // Before the rest: who completes the write meanwhile waits for the lock, and then finds that the name is not held.
      if (folder && (!keepObject || !(await isMade(internal, writeId, folder, last)))) {
        if (keepObject) await releaseName(folder, last, writeId, lock, signal);
        else
          await lock.hold({ conditional: true, signal }, async () => {
            if (await isOurs(internal, writeId, folder, last)) await folder.unlink(last);
          });
        if (durability === undefined) await root.sync(folder);
      }
      if (hasParts) await removeParts(internal, writeId);
      for (const leftover of hasParts ? await leftovers(internal, writeId) : left)
        await removeName(internal, leftover);
      if (durability === undefined) await root.sync(internal);
    }
    // Its maker may have slept while the rest was taken back. An object that is to stay may have the same content.
    let left = await folder?.stat(last);
    if (folder && left && !keepObject && (await isHeldFor(folder, last, left, writeId))) {
      if (await releaseName(folder, last, writeId, lock, signal)) {
        await root.sync(folder);
        removed = true;
      }
      left = await folder.stat(last);
    }
    if (left) return 'foreign';
    return removed ? 'removed' : 'absent';
  } finally {
    folder?.close();
  }
}

/** A name that is held for that write is free again. @returns false when it was not held for it. */
export async function releaseName(
  folder: Directory,
  name: string,
  writeId: WriteId,
  lock: WriteLock,
  signal?: AbortSignal,
): Promise<boolean> {
  const isHeld = async (): Promise<boolean> => {
    const stats = await folder.stat(name);
    return stats !== undefined && isHeldFor(folder, name, stats, writeId);
  };
  if (!(await isHeld())) return false;
  return lock.hold(
    { conditional: true, signal },
    async () => (await isHeld()) && (await removeName(folder, name)),
  );
}

async function isHeldFor(
  folder: Directory,
  name: string,
  stats: BigIntStats,
  writeId: WriteId,
): Promise<boolean> {
  return stats.isFile() && isHeldName(folder, name, stats.size, writeId);
}

async function isMade(
  internal: Directory,
  writeId: WriteId,
  folder: Directory,
  name: string,
): Promise<boolean> {
  const stats = await folder.stat(name);
  return stats !== undefined && proves(internal, writeId, stats);
}

/** What undo takes away of an object's folder: the object, or what reserved or held its name. */
async function isOurs(
  internal: Directory,
  writeId: WriteId,
  folder: Directory,
  name: string,
): Promise<boolean> {
  const stats = await folder.stat(name);
  if (!stats) return false;
  return (
    (await proves(internal, writeId, stats)) ||
    (await isStub(folder, name, stats, writeId)) ||
    (await isHeldFor(folder, name, stats, writeId))
  );
}

async function proves(internal: Directory, writeId: WriteId, object: BigIntStats): Promise<boolean> {
  if (sameFile(await internal.stat(writeId), object)) return true;
  const version = await readSmall(internal, receiptName(writeId));
  return version !== undefined && version.toString() === versionOf(object);
}

async function isStub(
  folder: Directory,
  name: string,
  { size }: BigIntStats,
  writeId: WriteId,
): Promise<boolean> {
  const expected = stubText(writeId);
  return Number(size) === expected.byteLength && (await readSmall(folder, name))?.equals(expected) === true;
}

async function leftovers(internal: Directory, writeId: WriteId): Promise<readonly string[]> {
  const names = [replacementName(writeId), writeId, receiptName(writeId)];
  const stats = await Promise.all(names.map(name => internal.stat(name)));
  return names.filter((_, index) => stats[index] !== undefined);
}

/**
 * The folders in which a write of `name` may have left something. Each is open until the next is asked for.
 *
 * @param folder of the object, where it is open already.
 */
async function* foldersOfWrite(
  root: Root,
  name: ObjectName,
  writeId: WriteId,
  folder?: Directory,
): AsyncGenerator<Directory> {
  for await (const internal of internals(root, name, folder)) {
    const its = await folderOfWrite(internal, writeId);
    if (!its) continue;
    try {
      yield its;
    } finally {
      if (its !== internal) its.close();
    }
  }
}

/** The internal folders in which a write of `name` may have left something, as in {@link foldersOfWrite}. */
export async function* internals(
  root: Root,
  name: ObjectName,
  folder?: Directory,
): AsyncGenerator<Directory> {
  const { folders } = splitName(name);
  for (const parents of folders.length === 0 ? [[]] : [[], folders]) {
    const isBeside = folder !== undefined && parents.length > 0;
    const internal = await (isBeside ? internalIn(folder) : root.folderIfAny([...parents, INTERNAL]));
    if (!internal) continue;
    try {
      yield internal;
    } finally {
      internal.close();
    }
  }
}

async function internalIn(folder: Directory): Promise<Directory | undefined> {
  try {
    return await folder.child(INTERNAL);
  } catch (error) {
    if (isDiskError(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}
