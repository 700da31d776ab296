import {
  configure,
  defineFiles,
  FieldFileError,
  file,
  isFieldFileError,
  model,
  Storage,
  upload,
} from '@fieldfile/core';
import type { Binding } from '@fieldfile/core/binding';
import { MemoryBackend, MemoryStorage } from '@fieldfile/memory';
import { MemoryTable } from '@fieldfile/memory/table';
import type { Backend } from '@fieldfile/storage';
import { afterEach, beforeEach, expect, test } from 'vitest';

interface UserRow {
  id?: number;
  avatar: string | null;
}

/** A row in a table, its handle, and the means to make the table or the storage fail. */
async function fixture(overrides: Partial<Binding<UserRow>> = {}, backendOverrides: Partial<Backend> = {}) {
  const inner = new MemoryBackend({});
  const backend: Backend = new Proxy(inner, {
    get: (target, property) => {
      const value = Reflect.get(backendOverrides, property) ?? Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const storage = new Storage(backend, { retry: { attempts: 2, baseDelayMs: 0 } });
  const table = new MemoryTable<UserRow>({ key: ['id'], files: ['avatar'] });
  const binding: Binding<UserRow> = { ...table.binding, ...overrides };
  const users = defineFiles(model<UserRow>()('user', 'id'), { avatar: { storage } }, binding);
  await table.insert({ id: 1, avatar: null });
  const row = await table.get({ id: 1 });
  const names = async () => (await Array.fromAsync(storage.list())).map(object => object.name as string);
  const stored = async () => (await table.get({ id: 1 })).avatar;
  return { storage, table, users, row, handle: users.avatar.of(row), names, stored };
}

const code = (error: unknown): string => (isFieldFileError(error) ? error.code : String(error));

const reported: unknown[] = [];
beforeEach(() => {
  reported.length = 0;
  configure({ onError: error => reported.push(error) });
});
afterEach(() => expect(reported.splice(0)).toEqual([]));

test('django 4.5/113 test_changed: a save replaces the object and removes the old one', async () => {
  const { handle, names, stored } = await fixture();
  await handle.save('one', { name: 'one.txt' });
  await handle.save('two', { name: 'two.txt' });
  expect([await stored(), await names()]).toEqual(['two.txt', ['two.txt']]);
});

test('the same file name again is another object', async () => {
  const { handle, names, stored } = await fixture();
  await handle.save('one', { name: 'a.txt' });
  await handle.save('two', { name: 'a.txt' });
  expect(await stored()).toMatch(/^a_\w{7}\.txt$/);
  expect(await names()).toEqual([await stored()]);
  expect(await handle.stored?.text()).toBe('two');
});

test('a replaced object that another row names stays', async () => {
  const { table, handle, names } = await fixture();
  await handle.save('one', { name: 'one.txt' });
  const copy = await table.get({ id: 1 });
  await table.transaction(async () => {
    await table.insert({ ...copy, id: 2, avatar: null });
    await table.binding.update(
      { id: 2 },
      { avatar: 'one.txt' },
      { expect: { avatar: null }, within: async () => {} },
    );
  });
  await handle.save('two', { name: 'two.txt' });
  expect(await names()).toEqual(['one.txt', 'two.txt']);
});

test('of two who replace one file, one wins and the other leaves nothing', async () => {
  const { table, users, names, stored } = await fixture();
  const handles = [users.avatar.of(await table.get({ id: 1 })), users.avatar.of(await table.get({ id: 1 }))];
  const outcomes = await Promise.allSettled(
    handles.map((handle, index) => handle.save(`${index}`, { name: `${index}.txt` })),
  );
  expect(outcomes.map(outcome => outcome.status).sort()).toEqual(['fulfilled', 'rejected']);
  const loser = outcomes.find(outcome => outcome.status === 'rejected');
  expect(code(loser?.reason)).toBe('conflict');
  expect(await names()).toEqual([await stored()]);
});

test('a file replaced in place is the one its row has: a stale handle replaces nothing', async () => {
  const { storage, table, users, handle, names } = await fixture();
  await handle.save('one', { name: 'one.txt' });
  const stale = users.avatar.of(await table.get({ id: 1 }));
  await handle.save('two', { name: 'two.txt' });
  expect(await stale.stored?.replace('new').catch(code)).toBe('conflict');
  expect(await names()).toEqual(['two.txt']);
  await storage.save('one.txt', "another row's");
  expect(await stale.stored?.replace('new').catch(code)).toBe('conflict');
  await using opened = await storage.open('one.txt');
  expect(await opened.text()).toBe("another row's");
  await handle.stored?.replace('three');
  expect(await handle.stored?.text()).toBe('three');
});

test('a replacement in a transaction is refused, and the row keeps its version', async () => {
  const table = new MemoryTable<UserRow & { version: number }>({
    key: ['id'],
    files: ['avatar'],
    version: 'version',
  });
  const users = defineFiles(
    model<UserRow & { version: number }>()('user', 'id'),
    { avatar: { storage: new MemoryStorage() } },
    table.binding,
  );
  await table.insert({ id: 1, avatar: null, version: 1 });
  const row = await table.get({ id: 1 });
  await users.avatar.of(row).save('one', { name: 'one.txt' });
  const { version } = row;
  const failing = table.transaction(async () => {
    await users.avatar.of(row).stored?.replace('two');
  });
  await expect(failing).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringContaining('Use save'),
  });
  expect([row.version, (await table.get({ id: 1 })).version]).toEqual([version, version]);
});

test('columns beside a replaced file that cannot be written are an error, since the name alone proves nothing', async () => {
  const table = new MemoryTable<UserRow & { size?: number | null }>({
    key: ['id'],
    files: ['avatar', 'size'],
  });
  let broken = false;
  const { update } = table.binding;
  const users = defineFiles(
    model<UserRow & { size?: number | null }>()('user', 'id'),
    { avatar: { storage: new MemoryStorage(), columns: { size: 'size' } } },
    {
      ...table.binding,
      update: async (key, values, options) => {
        if (broken && 'size' in values) throw new Error('no connection');
        return update(key, values, options);
      },
    },
  );
  await table.insert({ id: 1, avatar: null, size: null });
  const handle = users.avatar.of(await table.get({ id: 1 }));
  await handle.save('one', { name: 'one.txt' });
  broken = true;
  await expect(handle.stored?.replace('longer')).rejects.toThrow('no connection');
});

test('a row that is gone is a conflict, and nothing is stored', async () => {
  const { table, handle, names } = await fixture();
  await table.remove({ id: 1 });
  expect(await handle.save('x', { name: 'x.txt' }).catch(code)).toBe('conflict');
  expect([handle.name, await names()]).toEqual([null, []]);
});

test('an update that fails undoes the object and passes the error on', async () => {
  const { handle, row, names } = await fixture({
    update: () => Promise.reject(new Error('no connection')),
  });
  await expect(handle.save('x', { name: 'x.txt' })).rejects.toThrow('no connection');
  expect([handle.name, row.avatar, handle.pending, await names()]).toEqual([null, null, false, []]);
});

test('an update whose answer was lost, but which was made, is a success', async () => {
  const { table, storage, names, stored } = await fixture();
  const { update } = table.binding;
  const losing = defineFiles(
    model<UserRow>()('user', 'id'),
    { avatar: { storage } },
    {
      ...table.binding,
      update: async (...parameters) => {
        await update(...parameters);
        throw new Error('answer lost');
      },
    },
  );
  const again = losing.avatar.of(await table.get({ id: 1 }));
  await again.save('x', { name: 'x.txt' });
  expect([await stored(), again.name, await names()]).toEqual(['x.txt', 'x.txt', ['x.txt']]);
  await again.delete();
  expect([await stored(), again.name, await names()]).toEqual([null, null, []]);
});

test('when nobody can tell whether the row was updated, no object is touched', async () => {
  const { handle, names } = await fixture({
    update: () => Promise.reject(new Error('no connection')),
    isReferenced: () => Promise.reject(new Error('no connection')),
  });
  const error = await handle.save('x', { name: 'x.txt' }).catch(reason => reason);
  expect(error).toMatchObject({ code: 'backend', applied: 'unknown' });
  expect(await names()).toEqual(['x.txt']);
});

test('a source that fails half-way leaves row and storage as they were', async () => {
  const { handle, names, stored } = await fixture();
  await handle.save('old', { name: 'old.txt' });
  async function* broken() {
    yield new Uint8Array(100);
    throw new Error('half-way');
  }
  await expect(handle.save(broken(), { name: 'new.txt' })).rejects.toThrow('half-way');
  expect([handle.name, await stored(), await names(), await handle.stored?.text()]).toEqual([
    'old.txt',
    'old.txt',
    ['old.txt'],
    'old',
  ]);
});

test('a delete writes the row first: when that fails the object is there', async () => {
  const { storage, handle, names, row } = await fixture();
  await handle.save('old', { name: 'old.txt' });
  const failing = defineFiles(
    model<UserRow>()('user', 'id'),
    { avatar: { storage } },
    {
      key: () => ({ id: 1 }),
      load: async () => undefined,
      update: () => Promise.reject(new Error('no connection')),
      isReferenced: async () => true,
      names: async () => [],
    },
  );
  const other = failing.avatar.of({ ...row });
  await expect(other.delete()).rejects.toThrow('no connection');
  expect([other.name, await names()]).toEqual(['old.txt', ['old.txt']]);
});

test('a replaced object that cannot be removed is reported, and the save has succeeded', async () => {
  const { handle, names } = await fixture(
    {},
    { remove: () => Promise.reject(new FieldFileError('permission', 'not allowed')) },
  );
  await handle.save('one', { name: 'one.txt' });
  await handle.save('two', { name: 'two.txt' });
  expect([handle.name, await names()]).toEqual(['two.txt', ['one.txt', 'two.txt']]);
  expect(reported.splice(0).map(code)).toEqual(['permission']);
});

test('a row that is not inserted yet takes what was saved when it is', async () => {
  const { table, users, names } = await fixture();
  const row: UserRow = { avatar: null };
  const handle = users.avatar.of(row);
  await handle.save('x', { name: 'x.txt' });
  expect([handle.name, row.avatar, handle.pending]).toEqual(['x.txt', 'x.txt', true]);
  row.id = 2;
  await table.insert(row);
  expect([handle.pending, (await table.get({ id: 2 })).avatar, await names()]).toEqual([
    false,
    'x.txt',
    ['x.txt'],
  ]);
});

test('what was stored and never reached a row gives way to what is saved next', async () => {
  const { table, users, names } = await fixture();
  const row: UserRow = { avatar: null };
  const handle = users.avatar.of(row);
  await handle.save('1', { name: 'one.txt' });
  await handle.save('2', { name: 'two.txt' });
  users.avatar.set(row, file('3', 'three.txt'));
  await upload(row);
  row.id = 2;
  await table.insert(row);
  expect([(await table.get({ id: 2 })).avatar, await names()]).toEqual(['three.txt', ['three.txt']]);
});

test('assigned and rolled back is pending again, and stored by the next try', async () => {
  const { table, users, row, handle, names, stored } = await fixture();
  await handle.save('old', { name: 'old.txt' });
  users.avatar.set(row, file('new', 'new.txt'));
  await upload(row);
  await table
    .transaction(async () => {
      await table.update(row);
      throw new Error('no');
    })
    .catch(() => {});
  expect([handle.pending, row.avatar, await stored(), await names()]).toEqual([
    true,
    'old.txt',
    'old.txt',
    ['old.txt'],
  ]);
  await table.update(row);
  expect([handle.pending, row.avatar, await stored(), await names()]).toEqual([
    false,
    'new.txt',
    'new.txt',
    ['new.txt'],
  ]);
});

test('a lost answer of the storage is resolved: one object, no error', async () => {
  let lost = 0;
  const { storage, names } = await fixture();
  const { create } = MemoryBackend.prototype;
  const losing = new Storage(
    new Proxy(storage.backend, {
      get(target, property) {
        if (property === 'create')
          return async (...parameters: Parameters<typeof create>) => {
            await target.create(...parameters);
            lost++;
            throw new FieldFileError('timeout', 'answer lost', { applied: 'unknown', retryable: true });
          };
        const value = Reflect.get(target, property, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    }),
  );
  const users = defineFiles(model<UserRow>()('user', 'id'), { avatar: { storage: losing } });
  const row = { id: 1, avatar: null };
  await users.avatar.of(row).save('x', { name: 'x.txt' });
  expect([lost, row.avatar, await names()]).toEqual([1, 'x.txt', ['x.txt']]);
});
