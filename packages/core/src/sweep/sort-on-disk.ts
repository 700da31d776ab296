import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ListedObject } from '@fieldfile/storage';
import { compareUtf8 } from '@fieldfile/storage/backend';

export interface SortOnDiskOptions {
  /** Where sorted runs are kept meanwhile. Default: the system's temporary folder. */
  readonly directory?: string;
  /** Objects sorted at a time in memory. Default: 50,000, about 20 MiB. */
  readonly runLength?: number;
}

type Pages = AsyncIterable<readonly ListedObject[]>;

/**
 * Sorts a listing by the UTF-8 bytes of its names, in constant memory: sorted runs in temporary files, then merged. For
 * `sweep` on storages that list in another order.
 *
 * @example
 * ```ts
 * import type { AnyFileField, Storage } from '@fieldfile/core';
 * import { sweep } from '@fieldfile/core/journal';
 * import { sortOnDisk } from '@fieldfile/core/node';
 *
 * export async function compare(storage: Storage, fields: AnyFileField[]): Promise<void> {
 *   console.log(await sweep({ storage, fields, sort: sortOnDisk() }));
 * }
 * ```
 */
export function sortOnDisk({
  directory = tmpdir(),
  runLength = 50_000,
}: SortOnDiskOptions = {}): (pages: Pages) => Pages {
  return async function* sorted(pages) {
    const folder = await mkdtemp(join(directory, 'fieldfile-sort-'));
    try {
      const runs: string[] = [];
      let run: ListedObject[] = [];
      const finish = async (): Promise<void> => {
        const path = join(folder, String(runs.length));
        await writeRun(path, run);
        runs.push(path);
        run = [];
      };
      for await (const page of pages) {
        run = run.concat(page);
        if (run.length >= runLength) await finish();
      }
      if (run.length > 0) await finish();
      yield* mergeRuns(runs.map(readRun));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}

async function writeRun(path: string, run: ListedObject[]): Promise<void> {
  run.sort((one, other) => compareUtf8(one.name, other.name));
  const file = await open(path, 'wx');
  try {
    for (let start = 0; start < run.length; start += 1000)
      await file.write(
        run
          .slice(start, start + 1000)
          .map(object => `${JSON.stringify(object)}\n`)
          .join(''),
      );
  } finally {
    await file.close();
  }
}

async function* readRun(path: string): AsyncGenerator<ListedObject, void, undefined> {
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const { lastModified, ...object } = JSON.parse(line) as ListedObject;
    yield lastModified ? { ...object, lastModified: new Date(lastModified) } : object;
  }
}

async function* mergeRuns(
  runs: readonly AsyncGenerator<ListedObject, void, undefined>[],
): AsyncGenerator<readonly ListedObject[], void, undefined> {
  const heads = await Promise.all(runs.map(run => run.next()));
  let page: ListedObject[] = [];
  try {
    for (;;) {
      let least = -1;
      heads.forEach(({ done, value }, index) => {
        const best = heads[least];
        if (!done && (!best || best.done || compareUtf8(value.name, best.value.name) < 0)) least = index;
      });
      const head = heads[least];
      const run = runs[least];
      if (!head || head.done || !run) break;
      page.push(head.value);
      if (page.length === 1000) {
        yield page;
        page = [];
      }
      heads[least] = await run.next();
    }
    yield page;
  } finally {
    await Promise.all(runs.map(run => run.return()));
  }
}
