import type { BigIntStats } from 'node:fs';
import type { WriteId } from '@fieldfile/storage';
import type { ObjectName } from '@fieldfile/storage/backend';
import { sameFile } from './object-info.ts';
import { heldBy } from './parts-folder.ts';
import { internals } from './receipts.ts';
import { type Root, splitName } from './root.ts';

/**
 * Whether a file that says so holds its name for a write. Otherwise it is an object of which somebody chose the content.
 *
 * @param writeId what the file says.
 * @param stats of the file.
 */
export async function isHeld(
  root: Root,
  name: ObjectName,
  writeId: WriteId,
  stats: BigIntStats,
): Promise<boolean> {
  if (await isUnderWay(root, name, writeId)) return true;
  // Where the write has ended just now, the name has its object, or nothing.
  const { folders, last } = splitName(name);
  const folder = await root.folderIfAny(folders);
  try {
    return !sameFile(await folder?.stat(last), stats);
  } finally {
    folder?.close();
  }
}

/** In this order: parts go when they are a staged file, and a staged file moves to a folder that is looked into later. */
async function isUnderWay(root: Root, name: ObjectName, writeId: WriteId): Promise<boolean> {
  for await (const internal of internals(root, name)) {
    if ((await heldBy(internal, writeId)) === name) return true;
    if (await internal.stat(writeId)) return true;
  }
  return false;
}
