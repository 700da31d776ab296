import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { file } from '@fieldfile/core';
import { fromPath } from '@fieldfile/core/node';
import type { Changes } from './changes.ts';
import { paint, SCENES } from './paint.ts';
import type { Shelf } from './shelves.ts';

const FOLDERS = ['../../samples/', '../../more-samples/'].map(path =>
  fileURLToPath(new URL(path, import.meta.url)),
);

/** Files to look at: those of the samples' folder, and pictures that are painted now. */
export async function addSamples(shelf: Shelf, changes: Changes): Promise<void> {
  for (const folder of FOLDERS)
    for (const entry of await readdir(folder, { withFileTypes: true, recursive: true }))
      if (entry.isFile())
        await changes.add(shelf, entry.name, file(fromPath(join(entry.parentPath, entry.name)), entry.name));
  for (const scene of SCENES)
    await changes.add(shelf, `${scene.title}.png`, file(paint(scene), `${scene.title}.png`));
}
