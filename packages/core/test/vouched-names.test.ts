import { adopt, defineFiles, file, model, upload } from '@fieldfile/core';
import { MemoryStorage } from '@fieldfile/memory';
import { MemoryTable } from '@fieldfile/memory/table';
import { expect, test } from 'vitest';

interface UserRow {
  id: number;
  avatar: string | null;
}

/** A victim's object, and a row into which a request wrote its name before anybody touched its file. */
async function fixture() {
  const storage = new MemoryStorage();
  const users = defineFiles(model<UserRow>()('user', 'id'), { avatar: { storage } });
  await storage.save('victim.txt', "the victim's");
  const row: UserRow = Object.assign({ id: 1, avatar: null }, { avatar: 'victim.txt' });
  const text = async (name: string) => new TextDecoder().decode(await (await storage.open(name)).bytes());
  return { storage, users, row, text };
}

const refused = { code: 'invalid-argument', field: 'user.avatar' };

test('without a binding a name that nobody vouches for is not removed, nor written over', async () => {
  const { users, row, text } = await fixture();
  const handle = users.avatar.of(row);
  await expect(handle.delete()).rejects.toMatchObject(refused);
  await expect(handle.stored?.replace('mine')).rejects.toMatchObject(refused);
  users.avatar.set(row, file('pending', 'a.txt'));
  await expect(handle.delete()).rejects.toMatchObject(refused);
  users.avatar.set(row, null);
  await upload(row);
  expect([row.avatar, await text('victim.txt')]).toEqual([null, "the victim's"]);
});

test('what came from the database is removed once that was said, before or after the first touch', async () => {
  for (const touched of [true, false]) {
    const { storage, users, row } = await fixture();
    if (touched) users.avatar.of(row);
    users.avatar.load(row, row.avatar);
    await users.avatar.of(row).stored?.replace('other');
    await users.avatar.of(row).delete();
    expect([row.avatar, await storage.exists('victim.txt')]).toEqual([null, false]);
  }
});

test('what was saved, assigned or adopted through the handle is its own', async () => {
  const { storage, users, row } = await fixture();
  const handle = users.avatar.of(row);
  const own = [
    () => handle.save('saved', { name: 'own.txt' }),
    () => {
      users.avatar.set(row, file('assigned', 'own.txt'));
      return upload(row);
    },
    async () => {
      await storage.save('own.txt', 'adopted');
      users.avatar.set(row, adopt('own.txt'));
      await upload(row);
    },
  ];
  for (const give of own) {
    await give();
    expect(row.avatar).toBe('own.txt');
    await handle.delete();
    expect([row.avatar, await storage.exists('own.txt'), await storage.exists('victim.txt')]).toEqual([
      null,
      false,
      true,
    ]);
  }
});

test('with a binding the row is asked', async () => {
  const { storage, text } = await fixture();
  const table = new MemoryTable<UserRow>({ key: ['id'], files: ['avatar'] });
  const users = defineFiles(model<UserRow>()('user', 'id'), { avatar: { storage } }, table.binding);
  await table.put({ id: 1, avatar: 'victim.txt' });
  await table.put({ id: 2, avatar: null });
  const forged: UserRow = Object.assign(await table.get({ id: 2 }), { avatar: 'victim.txt' });
  await expect(users.avatar.of(forged).delete()).rejects.toMatchObject({ code: 'conflict' });
  await expect(users.avatar.of(forged).stored?.replace('mine')).rejects.toMatchObject({ code: 'conflict' });
  expect(await text('victim.txt')).toBe("the victim's");
  await users.avatar.of(await table.get({ id: 1 })).delete();
  expect(await storage.exists('victim.txt')).toBe(false);
});
