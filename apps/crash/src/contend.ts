import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Storage } from '@fieldfile/core';
import { recover } from '@fieldfile/core/journal';
import { compare, type Differences } from './compare.ts';
import { contentOf } from './content.ts';
import { Documents } from './documents.ts';
import { openBackend, openDatabase, openJournal, type World } from './world.ts';
import type { WriterOrder } from './writer.ts';

export interface ContentionOptions {
  readonly processes: number;
  readonly writers: number;
  readonly times: number;
}

export interface ContentionReport extends Differences {
  readonly replaced: number;
  /** Replacements that another one was ahead of: undone, and tried again. */
  readonly conflicts: number;
  /** Objects on the storage at the end. */
  readonly objects: number;
  readonly entries: number;
}

/** Writers in several processes replace one row's file, each as often as asked. */
export async function contend(world: World, options: ContentionOptions): Promise<ContentionReport> {
  const { processes, writers, times } = options;
  await using database = await openDatabase(world);
  const journal = openJournal(world, database);
  const storage = new Storage(await openBackend(world));
  const documents = new Documents({ database, journal, storage });
  const row = 'contended';
  await documents.insert({ id: row, file: null, digest: null, size: null, version: 1 });
  const handle = await documents.files.file.byKey({ id: row });
  await handle.save(contentOf('first', 10), { name: 'one' });
  const outputs = await Promise.all(
    Array.from({ length: processes }, (_, index) => run({ world, name: `w${index}`, row, writers, times })),
  );
  await recover(journal);
  // Of what somebody was at work on, the time comes a second later.
  while ((await journal.entries()).some(({ attempts }) => attempts < 10)) await recover(journal);
  const replaced = processes * writers * times;
  const { version } = (await documents.find(row)) ?? { version: 0 };
  const differences = await compare(documents, storage, []);
  const lost =
    version === replaced + 2 ? [] : [`${replaced} replacements, and the row is at version ${version}`];
  return {
    ...{ ...differences, lost, replaced },
    conflicts: outputs.reduce((sum, { conflicts }) => sum + conflicts, 0),
    objects: (await Array.fromAsync(storage.list())).length,
    entries: (await journal.entries()).length,
  };
}

async function run(order: WriterOrder): Promise<{ readonly conflicts: number }> {
  const program = fileURLToPath(new URL('./writer.ts', import.meta.url));
  const flags = ['--conditions=@fieldfile/source', '--disable-warning=ExperimentalWarning'];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, program, JSON.stringify(order)]);
  return JSON.parse(stdout) as { readonly conflicts: number };
}
