import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AnyFileField, defineFiles, isFieldFileError, model, Storage } from '@fieldfile/core';
import { recoverContinuously, type SweepOptions, sweep } from '@fieldfile/core/journal';
import { SqliteJournal, type SqliteJournalOptions } from '@fieldfile/core/node';
import { FileSystemStorage } from '@fieldfile/fs';
import { MemoryBackend } from '@fieldfile/memory';
import { MemoryTable } from '@fieldfile/memory/table';
import { readOnly, withPrefix } from '@fieldfile/storage';
import { expect, onTestFinished, test } from 'vitest';

interface Row {
  id: number;
  file: string | null;
}

const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'applications-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
};

/** An application: a database with one row, whose file is on the storage. */
async function application(
  storage: Storage,
  { journaled = true, path = join(folder(), 'journal'), ...options }: ApplicationOptions = {},
) {
  const journal = journaled ? new SqliteJournal(path, options) : undefined;
  if (journal) onTestFinished(() => journal.close());
  const table = new MemoryTable<Row>({ key: ['id'], files: ['file'], ...(journal && { journal }) });
  const { file } = defineFiles(model<Row>()('row', 'id'), { file: { storage } }, table.binding);
  const row = { id: 1, file: null };
  await table.insert(row);
  await file.of(row).save('mine', { name: 'mine.txt' });
  const fields: AnyFileField[] = [file];
  const run = (given: Partial<SweepOptions> = {}) =>
    sweep({ storage, fields, graceSeconds: -1, brake: { share: 1 }, ...given });
  return { journal, path, run, name: row.file as string | null, id: (await journal?.application()) ?? '' };
}

interface ApplicationOptions extends SqliteJournalOptions {
  readonly journaled?: boolean;
  readonly path?: string;
}

const names = async (storage: Storage): Promise<string[]> =>
  (await Array.fromAsync(storage.list())).map(({ name }) => name);

const refusal = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    error => (isFieldFileError(error) ? { code: error.code, message: error.message } : error),
  );

const places: [string, () => Storage][] = [
  ['memory', () => new Storage(new MemoryBackend({}))],
  ['disk', () => new FileSystemStorage({ root: folder() })],
  ['a prefix', () => new Storage(withPrefix(new MemoryBackend({}), 'tenants/7'))],
];

test.each(places)('the sweep of a second application stops, and removes nothing (%s)', async (_, make) => {
  const storage = make();
  const first = await application(storage);
  const second = await application(storage);
  await first.run();
  await storage.save('orphan', 'x');
  const before = await names(storage);
  for (const orphans of ['report', 'delete', 'quarantine'] as const) {
    const refused = await refusal(second.run({ orphans }));
    expect(refused).toMatchObject({ code: 'shared-location' });
    for (const named of [first.id, second.id, 'sharedWith'])
      expect(refused).toMatchObject({ message: expect.stringContaining(named) });
  }
  expect(await names(storage)).toEqual(before);
  // Who was refused has left nothing that would stop the first.
  expect(await first.run({ orphans: 'delete' })).toMatchObject({ removed: 1 });
});

test('a sweep without a journal stops where an application with one keeps objects', async () => {
  const storage = new Storage(new MemoryBackend({}));
  const nameless = await application(storage, { journaled: false });
  expect(await nameless.run()).toMatchObject({ objects: 1 });
  const named = await application(storage);
  await named.run();
  expect(await refusal(nameless.run())).toMatchObject({ code: 'shared-location' });
});

test('processes of one application share its id', async () => {
  const storage = new Storage(new MemoryBackend({}));
  const path = join(folder(), 'journal');
  const [one, other] = [await application(storage, { path }), await application(storage, { path })];
  expect(one.id).toBe(other.id);
  await one.run();
  expect(await other.run()).toMatchObject({ objects: 2 });
  expect(await one.journal?.entries()).toEqual([]);
  expect(await one.journal?.claim(10)).toEqual([]);
});

test('processes that ask for the id at the same time get one', async () => {
  const path = join(folder(), 'journal');
  const journals = Array.from({ length: 5 }, () => new SqliteJournal(path));
  const ids = await Promise.all(journals.map(journal => journal.application()));
  for (const journal of journals) journal.close();
  expect(new Set(ids).size).toBe(1);
});

test('a database that is copied is another application when its journal is told so', async () => {
  const storage = new Storage(new MemoryBackend({}));
  const path = join(folder(), 'journal');
  const production = await application(storage, { path });
  await production.run();
  const staging = await application(storage, { path, application: 'staging' });
  expect(staging.id).toBe('staging');
  expect(await refusal(staging.run({ orphans: 'delete' }))).toMatchObject({ code: 'shared-location' });
});

test.each(['', '.', '..', 'a/b', 'a b', 'x'.repeat(65)])('%j is no name of an application', name => {
  const error = (() => {
    try {
      new SqliteJournal(join(folder(), 'journal'), { application: name }).close();
    } catch (thrown) {
      return thrown;
    }
    return undefined;
  })();
  expect(isFieldFileError(error, 'invalid-argument')).toBe(true);
});

test('applications that share a location on purpose say so', async () => {
  const storage = new Storage(new MemoryBackend({}));
  const [one, other] = [await application(storage), await application(storage)];
  await one.run();
  expect(await other.run({ sharedWith: [one.id] })).toMatchObject({ objects: 2 });
  expect(await refusal(one.run())).toMatchObject({ code: 'shared-location' });
  expect(await one.run({ sharedWith: [other.id] })).toMatchObject({ objects: 2 });
});

test("an orphan in another application's folder stops the sweep of what is around it", async () => {
  const backend = new MemoryBackend({});
  const around = new Storage(backend);
  const inner = new Storage(withPrefix(backend, 'tenants/7'));
  const outer = await application(around);
  const tenant = await application(inner);
  await tenant.run();
  await inner.save('a/b/c', 'x');
  const before = await names(around);
  for (const range of [{}, { prefix: 'tenants/7/a/' }, { after: 'tenants/7/a/' }])
    expect(await refusal(outer.run({ orphans: 'delete', ...range }))).toMatchObject({
      code: 'shared-location',
    });
  expect(await names(around)).toEqual(before);
  expect(await outer.run({ orphans: 'delete', prefix: 'mine' })).toMatchObject({ orphans: 0 });
});

test('marks are no objects: not listed, not swept, and there for who asks for them', async () => {
  const storage = new Storage(new MemoryBackend({}));
  const { run, id, name } = await application(storage);
  expect(await run({ orphans: 'delete' })).toMatchObject({ objects: 1, orphans: 0 });
  expect(await names(storage)).toEqual([name]);
  expect(await storage.listdir()).toEqual({ folders: [], files: [name] });
  const marks = await Array.fromAsync(storage.list('fieldfile-application/'));
  expect(marks.map(({ name }) => name)).toEqual([`fieldfile-application/${id}`]);
  await using opened = await storage.open(`fieldfile-application/${id}`);
  expect(await opened.text()).toContain('row.file');
});

test('an application that is no more is forgotten with its mark', async () => {
  const storage = new Storage(new MemoryBackend({}));
  const gone = await application(storage);
  await gone.run();
  const here = await application(storage);
  await storage.delete(`fieldfile-application/${gone.id}`);
  expect(await here.run()).toMatchObject({ objects: 2 });
});

test('who may only read finds out what there is, and whose', async () => {
  const backend = new MemoryBackend({});
  const { run } = await application(new Storage(backend));
  const storage = new Storage(readOnly(backend));
  using journal = new SqliteJournal(join(folder(), 'journal'));
  const { binding } = new MemoryTable<Row>({ key: ['id'], files: ['file'], journal });
  const reader = defineFiles(model<Row>()('row', 'id'), { file: { storage } }, binding);
  const look = () => sweep({ storage, fields: [reader.file], graceSeconds: -1 });
  expect(await look()).toMatchObject({ objects: 1, rows: 0 });
  await run();
  expect(await refusal(look())).toMatchObject({ code: 'shared-location' });
});

test('who recovers all the time has marked its locations, and its objects are safe from the first sweep of others', async () => {
  const storage = new Storage(new MemoryBackend({}));
  const { journal, name } = await application(storage);
  const stop = new AbortController();
  const problems: unknown[] = [];
  if (journal)
    await recoverContinuously(journal, {
      signal: stop.signal,
      onReport: () => stop.abort(),
      onError: error => problems.push(error),
    });
  expect(problems).toEqual([]);
  const other = await application(storage);
  expect(await refusal(other.run({ orphans: 'delete' }))).toMatchObject({ code: 'shared-location' });
  expect(await storage.exists(name ?? '')).toBe(true);
});
