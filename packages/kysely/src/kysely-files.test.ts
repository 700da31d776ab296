import { type FieldFile, file, upload } from '@fieldfile/core';
import { fileMigration, SqlJournal } from '@fieldfile/core/journal';
import { MemoryStorage } from '@fieldfile/memory';
import { CamelCasePlugin, type Generated, Kysely, SqliteDialect, sql } from 'kysely';
import Libsql from 'libsql';
import { expect, expectTypeOf, test } from 'vitest';
import { sqlExecutor } from './driver.ts';
import { KyselyFiles } from './kysely-files.ts';

interface Database {
  users: { id: Generated<number>; name: string; profilePicture: string | null };
}

async function fixture() {
  const db = new Kysely<Database>({
    dialect: new SqliteDialect({ database: new Libsql(':memory:') }),
    plugins: [new CamelCasePlugin()],
  });
  await db.schema
    .createTable('users')
    .addColumn('id', 'integer', column => column.primaryKey())
    .addColumn('name', 'text')
    .addColumn('profilePicture', 'text')
    .execute();
  const storage = new MemoryStorage();
  const files = new KyselyFiles(db);
  const users = files.define('users', { key: ['id'], fields: { profilePicture: { storage } } });
  const names = async () => (await Array.fromAsync(storage.list())).map(({ name }) => name as string);
  return { db, files, users, names, [Symbol.asyncDispose]: () => db.destroy() };
}

test("types flow: rows are Kysely's, file columns take files and no text", async () => {
  await using opened = await fixture();
  const { db, users } = opened;
  const row = await users.insert({ name: 'Ada', profilePicture: file('ada', 'ada.txt') });
  expectTypeOf(row).toEqualTypeOf<{ id: number; name: string; profilePicture: string | null }>();
  expectTypeOf(users.fields.profilePicture.of(row)).toEqualTypeOf<FieldFile<typeof row>>();
  // @ts-expect-error a name out of a request is no file
  await expect(users.insert({ name: 'Eve', profilePicture: 'ada.txt' })).rejects.toMatchObject({
    code: 'invalid-argument',
  });
  const partial = await db.selectFrom('users').select('id').executeTakeFirstOrThrow();
  // @ts-expect-error the column was not selected
  expect(() => users.fields.profilePicture.of(partial)).toThrow(/select the column/);
});

test('types flow: an update takes a key alone, the columns of a row, and undefined ones', async () => {
  await using opened = await fixture();
  const { users, names } = opened;
  const row = await users.insert({ name: 'Ada', profilePicture: file('ada', 'ada.txt') });
  await users.update({ id: row.id }, { profilePicture: file('new', 'new.txt') });
  const key = Object.freeze({ id: row.id });
  await users.update(key, { name: undefined, profilePicture: file('newer', 'newer.txt') });
  const [stored] = await opened.db.selectFrom('users').selectAll().execute();
  expect([stored, await names()]).toEqual([{ ...row, profilePicture: 'newer.txt' }, ['newer.txt']]);
  const frozen = Object.freeze({ ...row, profilePicture: 'newer.txt' });
  await users.update(frozen, { ...frozen, name: 'Eve' });
  expect(await opened.db.selectFrom('users').select('name').execute()).toEqual([{ name: 'Eve' }]);
  // @ts-expect-error a number is no file
  await expect(users.update(row, { profilePicture: 5 })).rejects.toMatchObject({ code: 'invalid-argument' });
  // @ts-expect-error the key is needed
  await expect(users.update({}, { name: 'Eve' })).rejects.toMatchObject({ code: 'invalid-argument' });
});

test('an update of all that match leaves files alone where nothing is given for them', async () => {
  await using opened = await fixture();
  const { db, users, names } = opened;
  for (const name of ['a', 'b']) await users.insert({ name, profilePicture: file(name, `${name}.txt`) });
  const profilePicture = new File([], ''); // an input that nobody touched
  const all = () => sql<boolean>`1 = 1`;
  expect(await users.updateWhere(all, { profilePicture })).toBe(2);
  expect(await users.updateWhere(all, { profilePicture, name: 'both' })).toBe(2);
  expect(await users.updateWhere(all, {})).toBe(2);
  const stored = await db.selectFrom('users').select(['name', 'profilePicture']).execute();
  expect(stored).toEqual(['a.txt', 'b.txt'].map(profilePicture => ({ name: 'both', profilePicture })));
  expect(await names()).toEqual(['a.txt', 'b.txt']);
});

test("Kysely's plugins see every statement", async () => {
  await using opened = await fixture();
  const { db, users, names } = opened;
  const row = await users.insert({ name: 'Ada', profilePicture: file('ada', 'ada.txt') });
  await users.fields.profilePicture.of(row).save('new', { name: 'new.txt' });
  await users.updateWhere(where => where('name', '=', 'Ada'), { profilePicture: file('all', 'all.txt') });
  const stored = await db.selectFrom('users').selectAll().executeTakeFirstOrThrow();
  expect(stored.profilePicture).toBe('all.txt');
  expect(await names()).toEqual(['all.txt']);
});

test('a draft that was uploaded before is inserted in a transaction that stores nothing', async () => {
  await using opened = await fixture();
  const { db, files, users, names } = opened;
  const draft = users.draft({ name: 'Ada', profilePicture: file('ada', 'ada.txt') });
  await upload(draft);
  expect(await names()).toEqual(['ada.txt']);
  await files.transaction(async trx => {
    await trx.deleteFrom('users').execute();
    await users.insert(draft);
  });
  expect(await db.selectFrom('users').select('profilePicture').execute()).toEqual([
    { profilePicture: 'ada.txt' },
  ]);
});

test('the migration makes the journal and indexes the file columns, and can run again', async () => {
  await using opened = await fixture();
  const { db } = opened;
  for (let run = 0; run < 2; run++)
    for (const statement of fileMigration(
      { users: ['profile_picture'] },
      { dialect: 'sqlite', journal: true },
    ))
      await sql.raw(statement).execute(db);
  const tables = await db.introspection.getTables();
  expect(tables.map(({ name }) => name).sort()).toEqual(['fieldfile_journal', 'users']);
});

test('a journal on the pool of the rows is refused', async () => {
  await using opened = await fixture();
  const { db } = opened;
  const journal = new SqlJournal({ dialect: 'postgresql', execute: sqlExecutor(db) });
  expect(() => new KyselyFiles(db, { journal })).toThrow(/pool of the rows.*a pool of 1/);
});

test('work begun outside outlives its transaction, and all other work does not', async () => {
  await using opened = await fixture();
  const { db, files, users, names } = opened;
  const row = await users.insert({ name: 'Ada' });
  const gate = Promise.withResolvers<void>();
  const save = async (): Promise<void> => {
    await gate.promise;
    await users.fields.profilePicture.of(row).save('late', { name: 'late.txt' });
  };
  let late: Promise<void> | undefined;
  let outside: Promise<void> | undefined;
  await files.transaction(async () => {
    late = save();
    outside = files.outside(save);
  });
  gate.resolve();
  await expect(late).rejects.toMatchObject({ code: 'transaction-ended', applied: false });
  await outside;
  expect(await names()).toEqual(['late.txt']);
  const [stored] = await db.selectFrom('users').select('profilePicture').execute();
  expect(stored?.profilePicture).toBe('late.txt');
});

test('a key reaches one row or none', async () => {
  await using opened = await fixture();
  const { users } = opened;
  const { profilePicture } = users.fields;
  await users.insert({ name: 'Ada', profilePicture: file('ada', 'ada.txt') });
  for (const key of [{}, { id: { gt: 0 } }, { id: 1, name: 'Ada' }, { id: null }, { id: [1] }])
    await expect(profilePicture.byKey(key as never)).rejects.toMatchObject({
      code: 'invalid-argument',
      field: 'users.profilePicture',
    });
  await expect(profilePicture.byKey({ id: 4711n } as never)).rejects.toMatchObject({ code: 'not-found' });
});

test('a key that an update changed is used from then on, and as before when that is rolled back', async () => {
  await using opened = await fixture();
  const { db, files, users } = opened;
  const row = await users.insert({ name: 'Ada' });
  const handle = users.fields.profilePicture.of(row);
  const moving = files.transaction(async () => {
    await users.update(row, { id: 5 });
    await handle.save('moved', { name: 'moved.txt' });
    throw new Error('no');
  });
  await expect(moving).rejects.toThrow('no');
  expect([row.id, handle.reference().key]).toEqual([1, { id: 1 }]);
  await users.update(row, { id: 7, profilePicture: file('seven', 'seven.txt') });
  await handle.save('again', { name: 'again.txt' });
  expect(await db.selectFrom('users').select(['id', 'profilePicture']).execute()).toEqual([
    { id: 7, profilePicture: 'again.txt' },
  ]);
});

test('the file of a row that was selected without its key is read, and not written', async () => {
  await using opened = await fixture();
  const { db, users, names } = opened;
  const { profilePicture } = users.fields;
  await users.insert({ name: 'Ada', profilePicture: file('ada', 'ada.txt') });
  const row = await db.selectFrom('users').select('profilePicture').executeTakeFirstOrThrow();
  const handle = profilePicture.of(row as never);
  expect(await handle.stored?.text()).toBe('ada');
  for (const write of [() => handle.save('new', { name: 'new.txt' }), () => handle.delete()])
    await expect(write()).rejects.toMatchObject({ code: 'invalid-argument', field: 'users.profilePicture' });
  expect(await names()).toEqual(['ada.txt']);
});

test('a file whose statement failed stays when another statement of the transaction has written it', async () => {
  await using opened = await fixture();
  const { db, files, users, names } = opened;
  const draft = users.draft({ id: 1, name: 'Ada', profilePicture: file('ada', 'ada.txt') });
  await users.insert({ id: 1, name: 'Eve' });
  await files.transaction(async () => {
    await expect(users.insert(draft)).rejects.toThrow(/UNIQUE/);
    draft.id = 2;
    await users.insert(draft);
  });
  const stored = await db.selectFrom('users').select('profilePicture').where('id', '=', 2).execute();
  expect([stored, await names()]).toEqual([[{ profilePicture: 'ada.txt' }], ['ada.txt']]);
});

test('a column that is empty as an empty text is inserted and cleared so', async () => {
  const db = new Kysely<{ users: { id: Generated<number>; avatar: string } }>({
    dialect: new SqliteDialect({ database: new Libsql(':memory:') }),
  });
  await sql`CREATE TABLE users (id integer PRIMARY KEY, avatar text NOT NULL)`.execute(db);
  const storage = new MemoryStorage();
  const users = new KyselyFiles(db).define('users', {
    key: ['id'],
    fields: { avatar: { storage, empty: '' } },
  });
  const stored = async () => (await db.selectFrom('users').select('avatar').execute()).map(row => row.avatar);
  const none = await users.insert({});
  const ada = await users.insert({ avatar: file('ada', 'ada.txt') });
  expect([none.avatar, await stored()]).toEqual(['', ['', 'ada.txt']]);
  await users.fields.avatar.of(ada).delete();
  expect(await stored()).toEqual(['', '']);
  await users.fields.avatar.of(none).save('now', { name: 'now.txt' });
  expect(await stored()).toEqual(['now.txt', '']);
  await db.destroy();
});

test('in a transaction nobody waits for a removal that needs the connection of it', async () => {
  await using opened = await fixture();
  const { files, users, names } = opened;
  const field = users.fields.profilePicture;
  const doc = await users.insert({ name: 'doc', profilePicture: file('old', 'old.txt') });
  const [archive, copy] = [await users.insert({ name: 'archive' }), await users.insert({ name: 'copy' })];
  const stale = { ...doc };
  const { stored } = field.of(stale);
  if (!stored) throw new Error('there is a file');
  field.set(archive, field.of(doc));
  await field.of(doc).save('new', { name: 'new.txt' }); // its old object is kept for the archive
  await files.transaction(async () => {
    const saving = field.of(copy).save(stored);
    field.set(archive, null); // and from now on for the copy
    await saving;
  });
  while ((await names()).length > 2) await new Promise(resolve => setImmediate(resolve));
  expect(await names()).toEqual([copy.profilePicture, 'new.txt'].sort());
});
