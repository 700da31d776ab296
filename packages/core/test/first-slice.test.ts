import { defineFiles, file, model, upload } from '@fieldfile/core';
import { MemoryStorage } from '@fieldfile/memory';
import { expect, test } from 'vitest';

interface UserRow {
  id: number;
  avatar: string | null;
}

test('a row, its handle, a storage, read back', async () => {
  const storage = new MemoryStorage();
  const users = defineFiles(model<UserRow>()('user', 'id'), { avatar: { uploadTo: 'avatars/', storage } });
  const row: UserRow = { id: 1, avatar: null };
  await users.avatar.of(row).save('hello', { name: 'a b.txt' });
  expect(row.avatar).toBe('avatars/a_b.txt');
  expect(await users.avatar.of(row).stored?.text()).toBe('hello');
  users.avatar.set(row, file('two', 'two.txt'));
  await upload(row);
  expect(row.avatar).toBe('avatars/two.txt');
  expect(users.avatar.of(row).pending).toBe(false);
});
