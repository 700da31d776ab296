import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Figures } from '../comparison.ts';

/** Runs in a folder of its own, which is removed at the end. */
export async function inFolder(
  parent: string,
  name: string,
  run: (folder: string) => Promise<Figures>,
): Promise<Figures> {
  const folder = join(parent, name);
  await mkdir(folder);
  try {
    return await run(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
