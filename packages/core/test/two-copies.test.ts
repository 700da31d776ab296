import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as one from '@fieldfile/core';
import { MemoryBackend, MemoryStorage } from '@fieldfile/memory';
import * as oneStorage from '@fieldfile/storage';
import { reported } from '@fieldfile/storage/internal';
import { afterAll, expect, test } from 'vitest';

// A second installation of both packages, as two versions in one dependency tree give it.
const folder = mkdtempSync(join(import.meta.dirname, '../node_modules-copy-'));
afterAll(() => rmSync(folder, { recursive: true }));
const twoStorage = (await secondCopy('storage')) as typeof oneStorage;
const two = (await secondCopy('core')) as typeof one;

/** Imports the copy's root. What it imports of storage is the copy, too. */
async function secondCopy(name: string): Promise<unknown> {
  const copy = join(folder, name);
  cpSync(join(import.meta.dirname, '../..', name, 'src'), copy, { recursive: true });
  for (const file of globSync('**/*.ts', { cwd: copy })) {
    const source = readFileSync(join(copy, file), 'utf8');
    const ofCopy = (_: string, entry = '/index') => `from '${join(folder, 'storage')}${entry}.ts'`;
    writeFileSync(join(copy, file), source.replace(/from '@fieldfile\/storage(\/\w+)?'/g, ofCopy));
  }
  return import(join(copy, 'index.ts'));
}

interface UserRow {
  id: number;
  avatar: string | null;
}

test('two installed copies of both packages agree on handles, files, storages and errors', async () => {
  expect(two.FieldFileError).toBe(twoStorage.FieldFileError);
  expect(two.FieldFileError).not.toBe(one.FieldFileError);
  expect(two.upload).not.toBe(one.upload);

  one.storages.configure({ shared: () => new MemoryStorage() });
  const users = one.defineFiles(one.model<UserRow>()('user', 'id'), {
    avatar: { storage: () => two.storages.get('shared') },
  });
  const row: UserRow = { id: 1, avatar: null };
  users.avatar.set(row, two.file('hello', 'a.txt'));
  await two.upload(row);
  expect(row.avatar).toBe('a.txt');

  const others = two.defineFiles(two.model<{ id: number; copy: string | null }>()('other', 'id'), {
    copy: { storage: 'shared' },
  });
  const other = others.copy.of({ id: 1, copy: null });
  const { stored } = users.avatar.of(row);
  if (stored) await other.save(stored);
  expect(await other.stored?.text()).toBe('hello');

  const error = await other.save('x').catch(reason => reason);
  expect(one.isFieldFileError(error, 'invalid-argument')).toBe(true);
});

test('a backend with a copy of storage for itself serves the fields of the other', async () => {
  const storage = new twoStorage.Storage(new MemoryBackend());
  expect(storage).not.toBeInstanceOf(oneStorage.Storage);
  expect(oneStorage.isStorage(storage)).toBe(true);

  const users = one.defineFiles(one.model<UserRow>()('user', 'id'), { avatar: { storage } });
  const row: UserRow = { id: 1, avatar: null };
  await users.avatar.of(row).save('hello', { name: 'a.txt' });
  expect(await users.avatar.of(row).stored?.text()).toBe('hello');

  const error = await storage.save('../a.txt', 'x').catch(reason => reason);
  expect(error).toBeInstanceOf(twoStorage.FieldFileError);
  expect(one.isFieldFileError(error, 'suspicious-name')).toBe(true);
});

test('what one copy configures for failures that nobody awaits, the other reports to', async () => {
  const told: unknown[] = [];
  two.configure({ onError: error => told.push(error) });
  await reported(() => Promise.reject(new Error('too late')));
  expect(told).toEqual([new Error('too late')]);
});
