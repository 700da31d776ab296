import { defineFiles, file, model } from '@fieldfile/core';
import { expect, test } from 'vitest';
import { MemoryStorage } from './storage.ts';
import { MemoryTable } from './table.ts';

interface UserRow {
  id: number;
  avatar: string | null;
  version?: number;
}

function fixture() {
  const storage = new MemoryStorage();
  const table = new MemoryTable<UserRow>({ key: ['id'], files: ['avatar'], version: 'version' });
  const users = defineFiles(model<UserRow>()('user', 'id'), { avatar: { storage } }, table.binding);
  const names = async () => (await Array.fromAsync(storage.list())).map(object => object.name as string);
  return { storage, table, users, names };
}

test('stores what was assigned when the row is inserted', async () => {
  const { table, users, names } = fixture();
  const row = { id: 1, avatar: null };
  users.avatar.set(row, file('one', 'one.txt'));
  await table.insert(row);
  expect((await table.get({ id: 1 })).avatar).toBe('one.txt');
  expect(await names()).toEqual(['one.txt']);
});

test('an update of a row whose file was not assigned leaves the column alone', async () => {
  const { table, users } = fixture();
  await table.insert({ id: 1, avatar: null });
  const stale = await table.get({ id: 1 });
  await users.avatar.of(await table.get({ id: 1 })).save('new', { name: 'new.txt' });
  await table.update(stale);
  expect((await table.get({ id: 1 })).avatar).toBe('new.txt');
});

test('gives the live row the version that came back', async () => {
  const { table, users } = fixture();
  await table.insert({ id: 1, avatar: null, version: 1 });
  const row = await table.get({ id: 1 });
  await users.avatar.of(row).save('new', { name: 'new.txt' });
  expect(row.version).toBe(2);
});

test('an insert that fails undoes the object, and the file is pending again', async () => {
  const { table, users, names } = fixture();
  await table.insert({ id: 1, avatar: null });
  const twin = { id: 1, avatar: null };
  users.avatar.set(twin, file('one', 'one.txt'));
  await expect(table.insert(twin)).rejects.toThrow('taken');
  expect(await names()).toEqual([]);
  expect(twin.avatar).toBeNull();
  expect(users.avatar.of(twin).pending).toBe(true);
  twin.id = 2;
  await table.insert(twin);
  expect(await names()).toEqual(['one.txt']);
});

test('a rolled back transaction takes the new object back and leaves the old one', async () => {
  const { table, users, names } = fixture();
  await table.insert({ id: 1, avatar: null });
  const row = await table.get({ id: 1 });
  const handle = users.avatar.of(row);
  await handle.save('old', { name: 'old.txt' });
  await expect(
    table.transaction(async () => {
      await handle.save('new', { name: 'new.txt' });
      expect(handle.name).toBe('new.txt');
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  expect([handle.name, row.avatar, handle.pending]).toEqual(['old.txt', 'old.txt', false]);
  expect(await names()).toEqual(['old.txt']);
});

test('a committed transaction removes the replaced object after the commit, not before', async () => {
  const { table, users, names } = fixture();
  await table.insert({ id: 1, avatar: null });
  const handle = users.avatar.of(await table.get({ id: 1 }));
  await handle.save('old', { name: 'old.txt' });
  await table.transaction(async () => {
    await handle.save('new', { name: 'new.txt' });
    expect(await names()).toEqual(['new.txt', 'old.txt']);
  });
  expect(await names()).toEqual(['new.txt']);
});

test('a savepoint rolled back in a transaction that commits takes back its own file only', async () => {
  const { table, users, names } = fixture();
  await table.insert({ id: 1, avatar: null });
  await table.insert({ id: 2, avatar: null });
  const one = users.avatar.of(await table.get({ id: 1 }));
  const two = users.avatar.of(await table.get({ id: 2 }));
  await table.transaction(async () => {
    await one.save('1', { name: 'one.txt' });
    await table
      .transaction(async () => {
        await one.save('1b', { name: 'one-b.txt' });
        await two.save('2', { name: 'two.txt' });
        throw new Error('inner');
      })
      .catch(() => {});
    expect(one.name).toBe('one.txt');
  });
  expect([one.name, two.name]).toEqual(['one.txt', null]);
  expect(await names()).toEqual(['one.txt']);
  expect((await table.get({ id: 2 })).avatar).toBeNull();
});

test('a savepoint released in a transaction that rolls back is undone with it', async () => {
  const { table, users, names } = fixture();
  await table.insert({ id: 1, avatar: null });
  const one = users.avatar.of(await table.get({ id: 1 }));
  await one.save('old', { name: 'old.txt' });
  await table
    .transaction(async () => {
      await table.transaction(() => one.save('1', { name: 'one.txt' }));
      await one.save('2', { name: 'two.txt' });
      throw new Error('outer');
    })
    .catch(() => {});
  expect(one.name).toBe('old.txt');
  expect(await names()).toEqual(['old.txt']);
});

test('saving twice in one transaction leaves one object', async () => {
  const { table, users, names } = fixture();
  await table.insert({ id: 1, avatar: null });
  const one = users.avatar.of(await table.get({ id: 1 }));
  await table.transaction(async () => {
    await one.save('1', { name: 'one.txt' });
    await one.save('2', { name: 'two.txt' });
  });
  expect(await names()).toEqual(['two.txt']);
  expect(one.pending).toBe(false);
});

test.each([
  ['a text', 'a.txt'],
  ['a number', 5],
  ['a file that was not assigned', file('x', 'a.txt')],
])('a new row with %s where a file goes is refused, and not stored without it', async (_, avatar) => {
  const { table, names } = fixture();
  const row = { id: 1, avatar } as never;
  await expect(table.insert(row)).rejects.toMatchObject({ code: 'invalid-argument', field: 'avatar' });
  expect([await table.all(), await names()]).toEqual([[], []]);
});

test("an empty text is written where the field's column cannot be null", async () => {
  const storage = new MemoryStorage();
  const table = new MemoryTable<{ id: number; avatar: string | null }>({ key: ['id'], files: ['avatar'] });
  const users = defineFiles(
    model<{ id: number; avatar: string | null }>()('user', 'id'),
    { avatar: { storage, empty: '' } },
    table.binding,
  );
  const stored = async () => (await table.get({ id: 1 })).avatar;
  const row = { id: 1, avatar: null };
  const handle = users.avatar.of(row);
  await table.insert(row);
  expect([await stored(), row.avatar, handle.name, handle.stored]).toEqual(['', '', null, null]);
  await handle.save('x', { name: 'a.txt' });
  expect(await stored()).toBe('a.txt');
  await handle.delete();
  expect([await stored(), row.avatar, handle.name]).toEqual(['', '', null]);
  users.avatar.set(row, file('y', 'b.txt'));
  await table.update(row);
  users.avatar.set(row, null);
  await table.update(row);
  expect([await stored(), row.avatar, handle.stored, handle.pending]).toEqual(['', '', null, false]);
  expect(await Array.fromAsync(storage.list())).toEqual([]);
  const loaded = users.avatar.of(await table.get({ id: 1 }));
  await loaded.save('z', { name: 'c.txt' });
  expect([loaded.name, await stored()]).toEqual(['c.txt', 'c.txt']);
});

test('rows are found by keys of every kind', async () => {
  interface Event {
    id: bigint;
    at: Date;
    scan: string | null;
  }
  const table = new MemoryTable<Event>({ key: ['id', 'at'], files: ['scan'] });
  const events = defineFiles(
    model<Event>()('event', 'id', 'at'),
    { scan: { storage: new MemoryStorage() } },
    table.binding,
  );
  const keys = [
    { id: 1n, at: new Date(0) },
    { id: 1n, at: new Date(1) },
    { id: 2n ** 60n, at: new Date(0) },
  ];
  for (const key of keys) await table.insert({ ...key, scan: null });
  for (const [index, key] of keys.entries()) {
    const { scan } = events;
    const row = await scan.byKey(key);
    const reference = JSON.parse(JSON.stringify(row.reference()));
    await scan.revive(reference).save(`${index}`, { name: `${index}.txt` });
  }
  expect((await table.all()).map(({ scan }) => scan)).toEqual(['0.txt', '1.txt', '2.txt']);
  await expect(events.scan.byKey({ id: 3n, at: new Date(0) })).rejects.toMatchObject({ code: 'not-found' });
  await expect(events.scan.byKey({ id: 1n } as never)).rejects.toMatchObject({ code: 'invalid-argument' });
});
