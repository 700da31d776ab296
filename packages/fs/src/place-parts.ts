import type { WriteId } from '@fieldfile/storage';
import type { Directory } from './directory.ts';
import { isDiskError, NO_LINKS, writeUndone } from './disk-error.ts';
import { removeName, type Staged } from './staged.ts';

/** Gives the whole file the write's id: from then on it is as any staged file, and proves who wrote the object. */
export async function place(
  folder: Directory,
  { name, staged }: { readonly name: string; readonly staged: Staged },
  internal: Directory,
  writeId: WriteId,
): Promise<Staged> {
  await removeName(internal, writeId); // of a call that got no further
  try {
    await folder.link(name, internal, writeId);
  } catch (error) {
    if (!isDiskError(error, ...NO_LINKS)) throw error;
    await folder.rename(name, internal, writeId);
  }
  return staged;
}

/** What a call left that died before the object had its name. */
export async function placedBefore(internal: Directory, writeId: WriteId): Promise<Staged> {
  const stats = await internal.stat(writeId);
  if (!stats) throw writeUndone();
  return { stats };
}
