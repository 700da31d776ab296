import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FileSystemStorage } from '@fieldfile/fs';
import { type Comparison, FIELDFILE } from '../comparison.ts';
import { timed } from '../measure.ts';

/** 20 × 20 folders of 500 files. */
const FOLDERS = 20;
const FILES = 500;

const folderNames = Array.from({ length: FOLDERS }, (_, index) => `folder-${index}`);

export const comparisons: readonly Comparison[] = [
  {
    title: 'list the first 50 of 200,000 files',
    ways: {
      'bare readdir of each folder visited': folder =>
        timed(async () => {
          for (const path of ['', 'folder-0', 'folder-0/folder-0'])
            await readdir(join(root(folder), path), { withFileTypes: true });
        }),
      [FIELDFILE]: folder => {
        const storage = new FileSystemStorage({ root: root(folder) });
        return timed(async () => {
          let count = 0;
          for await (const _ of storage.list('', { pageSize: 50 })) if (++count === 50) break;
        });
      },
    },
    bars: [{ figure: 'wallMs', timesBaseline: 5 }],
    rounds: 15,
    prepare,
  },
  {
    title: 'list all 200,000 files',
    ways: {
      'bare walk': folder => timed(() => walk(root(folder))),
      [FIELDFILE]: folder => {
        const storage = new FileSystemStorage({ root: root(folder) });
        return timed(async () => {
          let count = 0;
          for await (const _ of storage.list()) count++;
          if (count !== FOLDERS * FOLDERS * FILES) throw new Error(`${count} files were listed.`);
        });
      },
    },
    bars: [{ figure: 'wallMs', timesBaseline: 1.5 }],
    prepare,
  },
];

const root = (folder: string): string => join(folder, 'tree');

/** Unsorted. */
async function walk(path: string): Promise<number> {
  let files = 0;
  for (const entry of await readdir(path, { withFileTypes: true }))
    if (entry.isDirectory()) files += await walk(join(path, entry.name));
    else files++;
  return files;
}

async function prepare(folder: string): Promise<void> {
  const made = await mkdir(root(folder), { recursive: true });
  if (made === undefined) return;
  for (const first of folderNames)
    for (const second of folderNames) {
      const path = join(root(folder), first, second);
      await mkdir(path, { recursive: true });
      await Promise.all(
        Array.from({ length: FILES }, (_, index) => writeFile(join(path, `file-${index}`), '')),
      );
    }
}
