import { MemoryStorage } from '@fieldfile/memory';
import { MemoryTable } from '@fieldfile/memory/table';
import { expect, test } from 'vitest';
import { upload } from '../change/upload.ts';
import { defineFiles } from './define-files.ts';
import { model } from './model.ts';
import { file } from './new-file.ts';

interface UserRow {
  id: number;
  avatar?: string | null;
}

async function fixture() {
  const storage = new MemoryStorage();
  const table = new MemoryTable<UserRow>({ key: ['id'], files: ['avatar'] });
  const { avatar } = defineFiles(model<UserRow>()('user', 'id'), { avatar: { storage } }, table.binding);
  await table.insert({ id: 1, avatar: null });
  const row = await table.get({ id: 1 });
  const handle = avatar.of(row as Required<UserRow>);
  await handle.save('a', { name: 'a.txt' });
  const objects = async () => (await Array.fromAsync(storage.list())).map(({ name }) => name as string);
  return { table, avatar, row, handle, objects };
}

test.each(['assigned', 'uploaded'])('reset drops what was %s, also where the name is the same', async how => {
  const { avatar, row, handle, objects } = await fixture();
  avatar.set(row as Required<UserRow>, file('b', 'b.txt'));
  if (how === 'uploaded') await upload(row);
  avatar.reset(row, 'a.txt');
  expect([row.avatar, handle.name, handle.pending]).toEqual(['a.txt', 'a.txt', false]);
  await expect.poll(objects).toEqual(['a.txt']);
  await handle.save('c', { name: 'c.txt' });
  expect(await objects()).toEqual(['c.txt']);
});

test('reset in a transaction leaves what a rollback takes back', async () => {
  const { table, avatar, row, handle, objects } = await fixture();
  const transaction = table.transaction(async () => {
    await handle.save('b', { name: 'b.txt' });
    avatar.set(row as Required<UserRow>, file('c', 'c.txt'));
    avatar.reset(row, 'b.txt');
    expect([handle.name, handle.pending]).toEqual(['b.txt', true]);
    throw new Error('no');
  });
  await expect(transaction).rejects.toThrow('no');
  expect([row.avatar, handle.name, handle.pending]).toEqual(['a.txt', 'a.txt', false]);
  expect(await objects()).toEqual(['a.txt']);
});

test('undefined is no assignment, also to a row without the column', async () => {
  const { avatar, row, handle } = await fixture();
  avatar.set(row as Required<UserRow>, undefined as never);
  expect(handle.pending).toBe(false);
  expect(() => avatar.set({ id: 1 } as Required<UserRow>, undefined as never)).not.toThrow();
});
