import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineFiles, isFieldFileError, model, Storage } from '@fieldfile/core';
import { recover } from '@fieldfile/core/journal';
import { SqliteJournal } from '@fieldfile/core/node';
import { MemoryBackend } from '@fieldfile/memory';
import { MemoryTable } from '@fieldfile/memory/table';
import type { Backend, WriteId } from '@fieldfile/storage';
import { expect, onTestFinished, test } from 'vitest';
import { removeUnreferenced } from './remove-unreferenced.ts';

interface Row {
  id: number;
  file: string | null;
}

/** A storage that tells what it was asked, over a table, with the journal of a process that ended meanwhile. */
async function fixture() {
  const folder = mkdtempSync(join(tmpdir(), 'recover-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const asked: string[] = [];
  const backend: Backend = new Proxy(new MemoryBackend({}), {
    get(target, property) {
      const value = Reflect.get(target, property, target);
      if (typeof value !== 'function') return value;
      return (...parameters: unknown[]) => {
        asked.push(String(property));
        return value.apply(target, parameters);
      };
    },
  });
  const storage = new Storage(backend);
  const path = join(folder, 'journal');
  const died = new SqliteJournal(path);
  const table = new MemoryTable<Row>({ key: ['id'], files: ['file'], journal: died });
  const { file } = defineFiles(model<Row>()('row', 'id'), { file: { storage } }, table.binding);
  const restart = (): SqliteJournal => {
    died.close();
    const journal = new SqliteJournal(path);
    for (const field of died.fields) journal.fields.add(field);
    return journal;
  };
  /** What a process wrote down before its first byte. */
  const begin = (
    id: string,
    name: string,
    label: { readonly model: string; readonly field: string } = LABEL,
  ) => died.begin({ id: id as WriteId, kind: 'store', storage: storage.id, name, ...label, key: null });
  return { asked, storage, table, file, died, begin, restart };
}

const LABEL = { model: 'row', field: 'file' };

test('takes back what no row names, and asks for those objects only: no bucket is listed', async () => {
  const { asked, storage, begin, restart } = await fixture();
  for (let index = 0; index < 1000; index++) await storage.save(`others/${index}`, 'x');
  for (let index = 0; index < 10; index++) {
    const id = `write-${index}` as WriteId;
    const name = `uploads/${index}`;
    await begin(id, name);
    await storage.create(name, 'unfinished', { writeId: id });
  }
  using journal = restart();
  asked.length = 0;
  expect(await recover(journal)).toMatchObject({ undone: 10, finished: 0, postponed: 0 });
  expect([...new Set(asked)]).toEqual(['undo']);
  expect(asked).toHaveLength(10);
  expect(await Array.fromAsync(storage.list('uploads/'))).toEqual([]);
  expect(await journal.entries()).toEqual([]);
});

test.each([
  ['are found', true],
  ['are left alone where it does not say so', false],
])('entries under an id that the storage had before %s', async (_, saysSo) => {
  const { died, storage, restart } = await fixture();
  const former = 'memory:former';
  await storage.save('old', 'to go');
  await storage.save('new', 'committed');
  const [unfinished, removal] = ['w1' as WriteId, 'w2' as WriteId];
  await storage.create('lost', 'unfinished', { writeId: unfinished });
  await died.begin({ id: unfinished, kind: 'store', storage: former, name: 'lost', ...LABEL, key: null });
  await died.beginRemoval({ id: removal, storage: former, oldName: 'old', ...LABEL });
  using journal = restart();
  journal.fields.clear();
  const renamed = new Storage(storage.backend, saysSo ? { formerIds: [former] } : {});
  journal.fields.add({
    ...{ label: 'row.file', name: 'file', storage: renamed, default: undefined },
    model: { binding: { isReferenced: async (_, name) => name === 'new' } },
  });
  const report = await recover(journal);
  expect(report).toMatchObject({ 'unknown-field': saysSo ? 0 : 2, postponed: 0 });
  const left = (await Array.fromAsync(storage.list())).map(({ name }) => name);
  expect(left).toEqual(saysSo ? ['new'] : ['lost', 'new', 'old']);
});

test('an entry whose field nobody here declares is left alone', async () => {
  const { begin, restart } = await fixture();
  await begin('w', 'a', { model: 'other', field: 'f' });
  using journal = restart();
  expect(await recover(journal)).toMatchObject({ 'unknown-field': 1, undone: 0 });
  expect((await journal.entries()).map(entry => entry.id)).toEqual(['w']);
});

test('what fails too often is set aside and shown, and comes back when asked to', async () => {
  const { begin, restart } = await fixture();
  // A name that no storage takes: what only a defect could have written.
  await begin('w', '../a');
  using journal = restart();
  const events: string[] = [];
  const report = await recover(journal, {
    maxAttempts: 1,
    onEntry: ({ outcome }) => void events.push(outcome),
  });
  expect([report['set-aside'], events]).toEqual([1, ['set-aside']]);
  const [entry] = await journal.entries();
  expect(entry).toMatchObject({ setAside: true, attempts: 1 });
  expect(entry?.lastError).toMatch(/\.\.\/a/);
  expect(await journal.retry()).toBe(1);
  expect((await recover(journal, { maxAttempts: 1 }))['set-aside']).toBe(1);
});

test('a journal that cannot be written stops a save before anything is stored', async () => {
  const { asked, table, file, died } = await fixture();
  await table.insert({ id: 1, file: null });
  const row = await table.get({ id: 1 });
  died.close();
  asked.length = 0;
  const error = await file
    .of(row)
    .save('x', { name: 'a.txt' })
    .catch(reason => reason);
  expect(isFieldFileError(error, 'journal')).toBe(true);
  expect([asked.includes('create'), row.file]).toEqual([false, null]);
});

test('a process that died after a removal leaves no claim on the name: what others save under it stays', async () => {
  const { storage, died, restart } = await fixture();
  const oldName = await storage.save('old.txt', 'old');
  const id = 'removal' as WriteId;
  await died.beginRemoval({ id, storage: storage.id, oldName, ...LABEL });
  expect(await removeUnreferenced(died, storage, oldName, id)).toBe('removed');
  expect(await storage.save('old.txt', 'theirs')).toBe(oldName);
  using journal = restart();
  expect(await recover(journal)).toMatchObject({ finished: 1 });
  await using kept = await storage.open(oldName);
  expect(await kept.text()).toBe('theirs');
  expect(await journal.entries()).toEqual([]);
});

test('an object that is kept for a time is removed as the version that it was', async () => {
  const { storage, table, file, died, restart } = await fixture();
  Object.assign(died, { keepRemovedMs: 1 });
  await table.insert({ id: 1, file: null });
  const handle = file.of(await table.get({ id: 1 }));
  await handle.save('old', { name: 'old.txt' });
  await handle.save('new', { name: 'new.txt' });
  await storage.delete('old.txt');
  await storage.save('old.txt', 'theirs');
  using journal = restart();
  while ((await journal.entries()).length > 0) await recover(journal);
  await using kept = await storage.open('old.txt');
  expect(await kept.text()).toBe('theirs');
});
