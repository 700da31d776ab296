import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as one from '@fieldfile/core';
import { MemoryStorage } from '@fieldfile/memory';
import { afterAll, expect, test } from 'vitest';

// A second installation of the package, as two versions in one dependency tree give it.
const folder = mkdtempSync(join(import.meta.dirname, '../node_modules-copy-'));
cpSync(join(import.meta.dirname, '../src'), folder, { recursive: true });
const two = (await import(join(folder, 'index.ts'))) as typeof one;
afterAll(() => rmSync(folder, { recursive: true }));

test('two installed copies agree on handles, files, storages and errors', async () => {
  expect(two.FieldFileError).not.toBe(one.FieldFileError);

  one.storages.configure({ shared: () => new MemoryStorage() });
  const users = one.defineFiles(one.model<{ id: number; avatar: string | null }>()('user', 'id'), {
    avatar: { storage: () => two.storages.get('shared') },
  });
  const row = { id: 1, avatar: null };
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
  expect([
    one.isFieldFileError(error, 'invalid-argument'),
    one.isStorage(two.storages.get('shared')),
  ]).toEqual([true, true]);
});
