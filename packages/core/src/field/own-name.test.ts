import { MemoryStorage } from '@fieldfile/memory';
import { MemoryTable } from '@fieldfile/memory/table';
import { expect, test } from 'vitest';
import { defineFiles } from './define-files.ts';
import { model } from './model.ts';
import { file } from './new-file.ts';
import { ownName } from './own-name.ts';

interface UserRow {
  id: number;
  avatar: string | null;
  cover: string | null;
}

test('a file is a row’s own for any object of the row, while nothing is assigned to it', async () => {
  const storage = new MemoryStorage();
  const table = new MemoryTable<UserRow>({ key: ['id'], files: ['avatar', 'cover'] });
  const fields = { avatar: { storage }, cover: { storage } };
  const { avatar, cover } = defineFiles(model<UserRow>()('user', 'id'), fields, table.binding);
  for (const id of [1, 2]) await table.insert({ id, avatar: null, cover: null });
  const row = await table.get({ id: 1 });
  const handle = avatar.of(row);
  await handle.save('a', { name: 'a.txt' });
  const other = avatar.of(await table.get({ id: 1 }));
  for (const own of [handle, other]) expect(ownName(avatar, { id: 1 }, own)).toBe('a.txt');
  expect(ownName(avatar, { id: 1n }, handle)).toBe('a.txt');
  const foreign = [
    cover.of(row),
    avatar.of(await table.get({ id: 2 })),
    'a.txt',
    null,
    undefined,
    file('a', 'a.txt'),
  ];
  for (const value of foreign) expect(ownName(avatar, { id: 1 }, value)).toBe(undefined);
  expect(ownName(avatar, undefined, handle)).toBe(undefined);
  avatar.set(row, file('b', 'b.txt'));
  expect(ownName(avatar, { id: 1 }, handle)).toBe(undefined);
});
