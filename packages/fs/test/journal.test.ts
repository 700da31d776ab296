import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { defineFiles, model } from '@fieldfile/core';
import type { Binding } from '@fieldfile/core/binding';
import { type Journal, recover } from '@fieldfile/core/journal';
import { SqliteJournal } from '@fieldfile/core/node';
import { type Backend, Storage } from '@fieldfile/storage';
import { afterEach, describe, expect, test } from 'vitest';
import { FileSystemBackend } from '../src/backend.ts';
import type { Disk } from '../src/directory.ts';
import { versionOf } from '../src/object-info.ts';
import { refusingDisk } from './refusing-disk.ts';
import { folderBeside, SimulatedDisk, type Survivors, type Tree, writeTree } from './simulated-disk.ts';
import { temporaryRoot } from './temporary-root.ts';

interface PageRow {
  id: number;
  file: string | null;
}

const made: string[] = [];
/** The disk of the process that is thought to run. */
let running: Backend;

afterEach(() => {
  for (const root of made.splice(0)) rmSync(root, { recursive: true, force: true });
});

function folder(): string {
  const root = temporaryRoot();
  made.push(root);
  return root;
}

/** Rows that are durable once they are written, with a journal and a storage on a disk that may not be. */
function pages(rows: Map<number, string | null>, journal: Journal, root: string, disk?: Disk) {
  const binding: Binding<PageRow> = {
    key: ({ id }) => ({ id }),
    load: async ({ id }) => ({ id: Number(id), file: rows.get(Number(id)) ?? null }),
    async update({ id }, values, { expect: before, within }) {
      if (rows.get(Number(id)) !== before.file) return undefined;
      await within?.();
      rows.set(Number(id), values.file as string | null);
      return {};
    },
    isReferenced: async (_, name) => [...rows.values()].includes(name),
    names: async () => [],
    journal,
  };
  const backend = new FileSystemBackend({ root }, disk);
  running = backend;
  // Whatever folder it is restored into, it is the same storage.
  const named = new Proxy<Backend>(backend, {
    get(_, property) {
      if (property === 'id') return 'disk';
      const value: unknown = Reflect.get(backend, property, backend);
      return typeof value === 'function' ? value.bind(backend) : value;
    },
  });
  const storage = new Storage(named);
  // The process before it is gone, and its rows with it.
  const own = (): Storage => {
    if (running === backend) return storage;
    throw new Error('The process is gone.');
  };
  return { storage, files: defineFiles(model<PageRow>()('page', 'id'), { file: { storage: own } }, binding) };
}

interface Moment {
  readonly tree: Tree;
  readonly rows: ReadonlyMap<number, string | null>;
  readonly journal: string;
  /** What the versions seen so far consist of. */
  readonly contents: ReadonlyMap<string, string>;
}

/** What rows, journal and disk would hold, had the power failed after each step of a few saves. */
async function moments(lies?: 'file' | 'directory'): Promise<readonly Moment[]> {
  const root = folder();
  const journals = folder();
  const path = join(journals, 'files.journal');
  const disk = new SimulatedDisk(root, lies ? { lies } : {});
  const rows = new Map<number, string | null>([
    [1, null],
    [2, null],
  ]);
  using journal = new SqliteJournal(path);
  const { files } = pages(rows, journal, root, disk.disk);
  const seen: Moment[] = [];
  const contents = new Map<string, string>();
  const look = (which: Survivors): void => {
    const kept = join(journals, String(seen.length));
    mkdirSync(kept);
    for (const name of readdirSync(journals))
      if (/^files\.journal(-wal)?$/.test(name)) copyFileSync(join(journals, name), join(kept, name));
    for (const name of readdirSync(root).filter(name => /^[ab].*\.txt$/.test(name)))
      contents.set(versionAt(join(root, name)), readFileSync(join(root, name), 'utf8'));
    seen.push({
      contents,
      tree: disk.survivors(which),
      rows: new Map(rows),
      journal: join(kept, basename(path)),
    });
  };
  disk.onStep = () => {
    look('synced-names');
    look('all-names');
  };
  const save = async (id: number, content: string, name: string): Promise<void> => {
    await files.file.of({ id, file: rows.get(id) ?? null }).save(content, { name });
    disk.step();
  };
  await save(1, 'a.txt: one', 'a.txt');
  await save(2, 'a.txt: two', 'a.txt');
  await save(1, 'b.txt: three', 'b.txt');
  await files.file.of({ id: 2, file: rows.get(2) ?? null }).delete();
  disk.step();
  return seen;
}

/** What is wrong after recovery from that moment. */
async function differences(moment: Moment): Promise<readonly string[]> {
  const { tree, rows: before, journal: path } = moment;
  const root = folderBeside(folder());
  made.push(root);
  writeTree(tree, root);
  keepVersions(moment, root);
  const rows = new Map(before);
  using journal = new SqliteJournal(path);
  const { storage } = pages(rows, journal, root);
  await recover(journal);
  const wrong = (await journal.entries()).map(entry => `entry left: ${entry.name}`);
  const objects = await Array.fromAsync(storage.list(), ({ name }) => name as string);
  for (const [id, name] of rows) {
    if (name === null) continue;
    if (!objects.includes(name)) wrong.push(`row ${id} without ${name}`);
    else {
      await using opened = await storage.open(name);
      if (!/^[ab]\.txt: \w+$/.test(await opened.text())) wrong.push(`row ${id}: torn ${name}`);
    }
  }
  wrong.push(
    ...objects.filter(name => ![...rows.values()].includes(name)).map(name => `${name} without a row`),
  );
  await storage[Symbol.asyncDispose]();
  return wrong;
}

const versionAt = (path: string): string => versionOf(statSync(path, { bigint: true }));

/** A disk keeps its files' inodes and times through a power cut; the copy that stands for it has others. */
function keepVersions({ contents, journal }: Moment, root: string): void {
  using database = new DatabaseSync(journal);
  const aimed = database
    .prepare('SELECT id, old_name, old_version FROM fieldfile_journal WHERE old_version IS NOT NULL')
    .all();
  for (const { id, old_name: name, old_version: version } of aimed) {
    const path = join(root, String(name));
    if (existsSync(path) && contents.get(String(version)) === readFileSync(path, 'utf8'))
      database
        .prepare('UPDATE fieldfile_journal SET old_version = ? WHERE id = ?')
        .run(versionAt(path), id ?? null);
  }
}

async function allDifferences(lies?: 'file' | 'directory'): Promise<readonly string[]> {
  const found: string[] = [];
  const all = await moments(lies);
  expect(all.length).toBeGreaterThan(60);
  for (const moment of all) found.push(...(await differences(moment)));
  return found;
}

describe('rows with a journal', () => {
  test('a power cut at every step of saves, replacements and deletions leaves both sides alike', async () => {
    expect(await allDifferences()).toEqual([]);
  });

  test.each(['file', 'directory'] as const)('a dropped fsync of a %s is noticed', async lies => {
    expect(await allDifferences(lies)).not.toEqual([]);
  });

  test.each(['append', 'open', 'sync'])(
    'a full disk (%s) leaves no object, no entry and the row as it was',
    async method => {
      const root = folder();
      let full = true;
      const disk = refusingDisk('ENOSPC', called => full && called === method);
      const rows = new Map<number, string | null>([[1, null]]);
      using journal = new SqliteJournal(join(folder(), 'files.journal'));
      const { storage, files } = pages(rows, journal, root, disk);
      const row = { id: 1, file: null };
      await expect(files.file.of(row).save('content', { name: 'a.txt' })).rejects.toMatchObject({
        cause: { code: 'ENOSPC' },
      });
      expect([rows.get(1), row.file]).toEqual([null, null]);
      full = false;
      await recover(journal);
      expect(await journal.entries()).toEqual([]);
      expect(await Array.fromAsync(storage.list())).toEqual([]);
      await files.file.of(row).save('content', { name: 'a.txt' });
      expect(rows.get(1)).toBe('a.txt');
    },
  );
});
