import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Storage } from '@fieldfile/core';
import type { Journal, SqlExecutor } from '@fieldfile/core/journal';
import { contentOf } from './content.ts';
import type { Database } from './database.ts';
import { Documents } from './documents.ts';
import { makeWorld } from './places.ts';
import { openBackend, openDatabase, openJournal } from './world.ts';

// What a journal adds to a save: statements, by where they are, and time beside the same save without one.
const ROUNDS = 300;

type Where = 'before' | 'inside' | 'after';

using folder = mkdtempDisposableSync(join(tmpdir(), 'fieldfile-statements-'));
await using place = await makeWorld('postgresql', 'fs', folder.path, { leaseSeconds: 60 });
const { world } = place;
await using real = await openDatabase(world);
const storage = new Storage(await openBackend(world));
const results = [];
for (const journaled of [false, true]) results.push(way(journaled));
for (let round = 0; round < ROUNDS; round++)
  for (const one of results) {
    await one.save(round, 'store');
    await one.save(round, 'replace');
  }
for (const one of results) one.print();

function way(journaled: boolean) {
  let phase: Where = 'before';
  let counts: Record<Where, string[]> = { before: [], inside: [], after: [] };
  const counted =
    (execute: SqlExecutor): SqlExecutor =>
    (sql, parameters) => {
      counts[phase].push(sql.split(' ', 1)[0] ?? '');
      return execute(sql, parameters);
    };
  const database: Database = {
    ...real,
    execute: counted(real.execute),
    async transaction(work) {
      const result = await real.transaction(sql => {
        phase = 'inside';
        return work(counted(sql));
      });
      phase = 'after';
      return result;
    },
  };
  const journal: Journal | undefined = journaled ? openJournal(world, database) : undefined;
  const documents = new Documents({ database, journal, storage });
  const name = journaled ? 'with a journal' : 'without';
  const times: Record<'store' | 'replace', number[]> = { store: [], replace: [] };
  const seen: Record<'store' | 'replace', string> = { store: '', replace: '' };
  return {
    async save(round: number, kind: 'store' | 'replace'): Promise<void> {
      const id = `${name}-${round}`;
      if (kind === 'store') await documents.insert({ id, file: null, digest: null, size: null, version: 1 });
      const handle = await documents.files.file.byKey({ id });
      phase = 'before';
      counts = { before: [], inside: [], after: [] };
      const started = performance.now();
      await handle.save(contentOf(id, 1000), { name: 'one' });
      times[kind].push(performance.now() - started);
      seen[kind] = (['before', 'inside', 'after'] as const)
        .map(where => `${where}: ${counts[where].join(', ') || '–'}`)
        .join('; ');
    },
    print(): void {
      for (const kind of ['store', 'replace'] as const)
        process.stdout.write(`${kind} ${name}: median ${median(times[kind]).toFixed(2)} ms; ${seen[kind]}\n`);
    },
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}
