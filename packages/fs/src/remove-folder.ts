import type { Directory } from './directory.ts';
import { isDiskError } from './disk-error.ts';
import { removeName } from './staged.ts';

/** Removes a folder of files, also while files come into it. @returns whether there was one. */
export async function removeFolder(parent: Directory, name: string): Promise<boolean> {
  for (;;) {
    try {
      const folder = await parent.child(name);
      try {
        for (const entry of await folder.entries()) await removeName(folder, entry.name);
      } finally {
        folder.close();
      }
      await parent.removeDirectory(name);
      return true;
    } catch (error) {
      if (isDiskError(error, 'ENOENT')) return false;
      // A file came in between.
      if (!isDiskError(error, 'ENOTEMPTY', 'EEXIST')) throw error;
    }
  }
}
