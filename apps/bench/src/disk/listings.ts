import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FileSystemStorage } from '@fieldfile/fs';
import type { Library } from '../cloud/jobs.ts';
import { type Comparison, FIELDFILE, type Way } from '../comparison.ts';
import { afterOthers } from '../measure.ts';
import { RIVALS } from './rivals.ts';

const LISTINGS = 20;

/** One folder, listed again and again, to its end or left early. */
export const listings: readonly Comparison[] = [
  list('list 1,000 files', 1000, 1000),
  list('list 20,000 files, leaving after 50', 20_000, 50),
];

function list(title: string, files: number, listed: number): Comparison {
  const root = (folder: string): string => join(folder, `listed-${files}`);
  const listing =
    (open: (root: string) => Promise<(count: number) => Promise<number>>): Way =>
    async folder => {
      const first = await open(root(folder));
      return afterOthers(async () => {
        for (let done = 0; done < LISTINGS; done++) {
          const found = await first(listed);
          if (found !== listed) throw new Error(`${found} files were listed.`);
        }
      });
    };
  const library = ({ open }: Library): Way =>
    listing(async root => {
      const { first } = await open(root);
      if (!first) throw new Error('That library lists nothing.');
      return first;
    });
  return {
    title: `${title}, ${LISTINGS} times`,
    ways: {
      'bare readdir, sorted': listing(
        async root => async count =>
          (await readdir(root, { withFileTypes: true })).sort(byName).slice(0, count).length,
      ),
      [FIELDFILE]: listing(async root => {
        const storage = new FileSystemStorage({ root });
        return async count => {
          let found = 0;
          for await (const _ of storage.list()) if (++found === count) break;
          return found;
        };
      }),
    },
    rivals: Object.fromEntries(Object.entries(RIVALS).map(([name, rival]) => [name, library(rival)])),
    bars: [{ figure: 'wallMs', timesBaseline: 1.5 }],
    rounds: 10,
    async prepare(folder) {
      if ((await mkdir(root(folder), { recursive: true })) === undefined) return;
      // As a root is that was written to.
      await new FileSystemStorage({ root: root(folder) }).save('file-0', '');
      for (let index = 1; index < files; index++) await writeFile(join(root(folder), `file-${index}`), '');
    },
  };
}

const byName = (one: { readonly name: string }, other: { readonly name: string }): number =>
  one.name < other.name ? -1 : 1;
