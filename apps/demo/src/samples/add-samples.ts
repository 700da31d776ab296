import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { file } from '@fieldfile/core';
import { fromPath } from '@fieldfile/core/node';
import type { Changes } from '../library/changes.ts';
import type { Shelf } from '../library/shelves.ts';
import { paint, SCENES } from './paint.ts';

const FOLDERS = ['../../samples/', '../../more-samples/'].map(path =>
  fileURLToPath(new URL(path, import.meta.url)),
);

/** Files to look at: those of the samples' folder, and pictures that are painted now. */
export async function addSamples(shelf: Shelf, changes: Changes): Promise<void> {
  for (const folder of FOLDERS) {
    const entries = await readdir(folder, { withFileTypes: true, recursive: true });
    const files = entries.filter(entry => entry.isFile());
    for (const { name, parentPath } of files.toSorted((one, other) => (one.name < other.name ? 1 : -1)))
      await changes.add(shelf, name, file(fromPath(join(parentPath, name)), name));
  }
  for (const scene of SCENES)
    await changes.add(shelf, `${scene.title}.png`, file(paint(scene), `${scene.title}.png`));
}
