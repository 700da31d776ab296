import type { WriteId } from '@fieldfile/storage';
import type { ObjectName } from '@fieldfile/storage/backend';
import type { Directory } from './directory.ts';
import { isDiskError } from './disk-error.ts';
import { isHeldName } from './held-name.ts';
import { readSmall } from './read-small.ts';
import { removeFolder } from './remove-folder.ts';
import { type Root, splitName } from './root.ts';
import { INTERNAL } from './root-marker.ts';

const SUFFIX = '.parts';

/** Which file of the folder has the name of the object. */
export const NAME_FILE = 'name';

/** Names have a length that the system can open. */
const NAME_BYTES = 4096;

/** The folder of a write that comes in parts, in the internal folder of the root. */
export const partsFolderName = (writeId: WriteId): string => `${writeId}${SUFFIX}`;

/** Removes what parts of that write are there, and their folder. @returns whether there was one. */
export const removeParts = (internal: Directory, writeId: WriteId): Promise<boolean> =>
  removeFolder(internal, partsFolderName(writeId));

/** The names that are held for writes in parts, of which no listing tells. */
export async function heldNames(root: Root): Promise<ReadonlySet<ObjectName>> {
  const held = new Set<ObjectName>();
  const internal = await root.folderIfAny([INTERNAL]);
  if (!internal) return held;
  try {
    for (const { name } of await internal.entries()) {
      if (!name.endsWith(SUFFIX)) continue;
      const writeId = name.slice(0, -SUFFIX.length) as WriteId;
      const object = await heldBy(internal, writeId);
      if (object !== undefined && (await isHeld(root, object, writeId))) held.add(object);
    }
  } finally {
    internal.close();
  }
  return held;
}

/** The name that a write in parts holds, or is about to. */
export async function heldBy(internal: Directory, writeId: WriteId): Promise<ObjectName | undefined> {
  try {
    const folder = await internal.child(partsFolderName(writeId));
    try {
      const bytes = await readSmall(folder, NAME_FILE, NAME_BYTES);
      return bytes && (bytes.toString() as ObjectName);
    } finally {
      folder.close();
    }
  } catch (error) {
    if (isDiskError(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

/** Not the object that is there by now. */
async function isHeld(root: Root, name: ObjectName, writeId: WriteId): Promise<boolean> {
  const { folders, last } = splitName(name);
  const folder = await root.folderIfAny(folders);
  try {
    const stats = await folder?.stat(last);
    return (
      folder !== undefined && stats !== undefined && (await isHeldName(folder, last, stats.size, writeId))
    );
  } finally {
    folder?.close();
  }
}
