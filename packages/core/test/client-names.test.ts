import { defineFiles, file, model, upload } from '@fieldfile/core';
import { MemoryStorage } from '@fieldfile/memory';
import { expect, test } from 'vitest';

interface UserRow {
  id: number;
  avatar: string | null;
  original: string | null;
}

const names: [given: string, stored: string, original: string][] = [
  ['dir/a.txt', 'a.txt', 'a.txt'],
  ['/tmp/a.txt', 'a.txt', 'a.txt'],
  ['../../etc/passwd', 'passwd', 'passwd'],
  ['C:\\x\\y.txt', 'y.txt', 'y.txt'],
  ['C:y.txt', 'y.txt', 'y.txt'],
  ['\\\\server\\share\\y.txt', 'y.txt', 'y.txt'],
  ['dir\\..\\my photo.png', 'my_photo.png', 'my photo.png'],
  ['..&#x2F;a.txt', 'a.txt', 'a.txt'],
  ['dir/.htaccess', '_.htaccess', '.htaccess'],
  ['a\0.php.', 'a.php', 'a.php.'],
];

function fixture() {
  const storage = new MemoryStorage();
  const users = defineFiles(model<UserRow>()('user', 'id'), {
    avatar: { storage, uploadTo: 'avatars/', columns: { originalName: 'original' } },
  });
  const row: UserRow = { id: 1, avatar: null, original: null };
  return { users, row, handle: users.avatar.of(row) };
}

type Way = (subject: ReturnType<typeof fixture>, name: string) => Promise<void>;

const ways: [way: string, give: Way][] = [
  ['save({ name })', ({ handle }, name) => handle.save('x', { name })],
  ['a web File', ({ handle }, name) => handle.save(new File(['x'], name))],
  [
    'file()',
    ({ users, row }, name) => {
      users.avatar.set(row, file('x', name));
      return upload(row);
    },
  ],
];

for (const [way, give] of ways)
  test.each(names)(`${way} of the name %j is stored as %j, shown as %j`, async (given, stored, original) => {
    const subject = fixture();
    await give(subject, given);
    expect(subject.row).toEqual({ id: 1, avatar: `avatars/${stored}`, original });
  });

test('folders are made by uploadTo, which gets the base name', async () => {
  const storage = new MemoryStorage();
  const users = defineFiles(model<UserRow>()('user', 'id'), {
    avatar: { storage, uploadTo: (row, name) => `users/${row.id}/${name}` },
  });
  const row: UserRow = { id: 7, avatar: null, original: null };
  await users.avatar.of(row).save('x', { name: 'secret/a.txt' });
  expect(row.avatar).toBe('users/7/a.txt');
});
