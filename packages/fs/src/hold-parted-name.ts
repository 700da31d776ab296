import fs from 'node:fs';
import type { WriteId } from '@fieldfile/storage';
import type { ObjectName } from '@fieldfile/storage/backend';
import type { Directory } from './directory.ts';
import { unknownIfApplied, writeUndone } from './disk-error.ts';
import { holdName } from './held-name.ts';
import { NAME_FILE, partsFolderName } from './parts-folder.ts';
import type { UploadContext } from './pending-object.ts';
import { releaseName } from './receipts.ts';
import { splitName } from './root.ts';
import { removeName } from './staged.ts';

const { O_WRONLY, O_CREAT, O_EXCL } = fs.constants;

/**
 * Holds a name for a write in parts. It is written down before it is held, so that a listing knows which files hold names.
 *
 * @returns undefined when it is taken.
 */
export async function holdPartedName(
  { root, lock }: UploadContext,
  name: ObjectName,
  writeId: WriteId,
  internal: Directory,
): Promise<ObjectName | undefined> {
  const { folders, last } = splitName(name);
  const parts = await internal.child(partsFolderName(writeId));
  try {
    await removeName(parts, NAME_FILE);
    const file = await parts.open(NAME_FILE, O_WRONLY | O_CREAT | O_EXCL, 0o600);
    try {
      await file.append([Buffer.from(name)]);
    } finally {
      await file.close();
    }
    const folder = await root.makeFolder(folders);
    try {
      if (!(await holdName(parts, folder, last, writeId, root.durable))) return undefined;
      try {
        // Undone meanwhile, it would be held for nobody.
        if (!(await internal.stat(partsFolderName(writeId)))) throw writeUndone();
        await root.sync(folder);
        return name;
      } catch (error) {
        await releaseName(folder, last, writeId, lock).catch(() => unknownIfApplied(error));
        throw error;
      }
    } finally {
      folder.close();
    }
  } finally {
    parts.close();
  }
}
