import { file } from '@fieldfile/core';
import { type Journal, journalTable, recover, SqlJournal } from '@fieldfile/core/journal';
import { MemoryStorage } from '@fieldfile/memory';
import type { WriteId } from '@fieldfile/storage';
import { postgresContract, sqliteContract } from '@fieldfile/test-servers/databases';
import {
  CamelCasePlugin,
  type Dialect,
  type Generated,
  Kysely,
  type KyselyPlugin,
  ParseJSONResultsPlugin,
  PostgresDialect,
  SqliteDialect,
  sql,
} from 'kysely';
import Libsql from 'libsql';
import pg from 'pg';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { sqlExecutor } from './driver.ts';
import { KyselyFiles } from './kysely-files.ts';

const postgres = postgresContract();
afterAll(() => postgres[Symbol.asyncDispose]());

interface Tables {
  people: { personId: Generated<number>; fullName: string; profilePicture: string | null };
}

const plugins: readonly KyselyPlugin[] = [new CamelCasePlugin(), new ParseJSONResultsPlugin()];

/** Rows, and a journal in SQL, through databases that rename columns and change values. */
async function fixture(kind: string) {
  const database = kind === 'SQLite' ? await sqliteContract() : await postgres.open();
  const dialect = (): Dialect =>
    kind === 'SQLite'
      ? new SqliteDialect({ database: new Libsql(database.url) })
      : new PostgresDialect({ pool: new pg.Pool({ connectionString: database.url }) });
  const db = new Kysely<Tables>({ dialect: dialect(), plugins: [...plugins] });
  const journalDb = new Kysely<unknown>({ dialect: dialect(), plugins: [...plugins] });
  onTestFinished(async () => {
    await db.destroy();
    await journalDb.destroy();
    await database[Symbol.asyncDispose]();
  });
  const id = kind === 'SQLite' ? 'integer PRIMARY KEY' : 'serial PRIMARY KEY';
  await sql.raw('DROP TABLE IF EXISTS people').execute(db);
  await sql.raw(`CREATE TABLE people (person_id ${id}, full_name text, profile_picture text)`).execute(db);
  const name = kind === 'SQLite' ? 'sqlite' : 'postgresql';
  for (const statement of journalTable(name)) await sql.raw(statement).execute(db);
  const sqlJournal = () => new SqlJournal({ dialect: name, execute: sqlExecutor(journalDb) });
  // SQLite has one writer: while rows are written, their journal is a file beside them.
  const journal: Journal = kind === 'SQLite' ? database.journal : sqlJournal();
  const storage = new MemoryStorage();
  const files = new KyselyFiles(db, { journal });
  const people = files.define('people', {
    key: ['personId'],
    fields: { profilePicture: { storage, uploadTo: (_, name) => name } },
  });
  const objects = async () => (await Array.fromAsync(storage.list())).map(({ name }) => name as string);
  return { db, files, people, storage, journal, sqlJournal, objects };
}

describe.each(['SQLite', 'PostgreSQL'])('behind plugins on %s', kind => {
  test('recovery reads what was written down, and does what it reports', async () => {
    const { people, storage, sqlJournal, objects } = await fixture(kind);
    const died = sqlJournal();
    const id = 'write-1' as WriteId;
    const label = { model: 'people', field: 'profilePicture' };
    await died.begin({ id, kind: 'store', storage: storage.id, name: 'half.txt', ...label, key: null });
    await storage.create('half.txt', 'unfinished', { writeId: id });
    await died.postpone(id);
    const journal = sqlJournal();
    journal.fields.add(people.fields.profilePicture as never);
    expect(await journal.entries()).toMatchObject([{ id, name: 'half.txt', oldName: null }]);
    expect(await recover(journal)).toMatchObject({ undone: 1, finished: 0, postponed: 0 });
    expect(await objects()).toEqual([]);
  });

  test('rows and their files change together, and the journal is empty afterwards', async () => {
    const { db, files, people, journal, objects } = await fixture(kind);
    const ada = await people.insert({ fullName: 'Ada', profilePicture: file('a', 'a.txt') });
    await people.fields.profilePicture.of(ada).save('b', { name: 'b.txt' });
    await files.transaction(() => people.update(ada, { profilePicture: file('c', 'c.txt') }));
    await people.updateWhere(where => where('fullName', '=', 'Ada'), { profilePicture: file('d', 'd.txt') });
    expect(await db.selectFrom('people').selectAll().execute()).toEqual([
      { ...ada, profilePicture: 'd.txt' },
    ]);
    expect(await objects()).toEqual(['d.txt']);
    const byKey = await people.fields.profilePicture.byKey({ personId: ada.personId });
    expect(byKey.owner).toMatchObject({ fullName: 'Ada' });
    await people.deleteWhere(where => where('personId', '>', 0));
    expect([await objects(), await journal.entries()]).toEqual([[], []]);
  });

  test('a name that a plugin would read as something else goes with its row', async () => {
    const { people, objects } = await fixture(kind);
    await people.insert({ fullName: 'Ada', profilePicture: file('a', '[1]') });
    expect(await objects()).toHaveLength(1);
    await people.updateWhere(where => where('fullName', '=', 'Ada'), { profilePicture: file('b', '[2]') });
    expect(await objects()).toHaveLength(1);
    await people.deleteWhere(where => where('fullName', '=', 'Ada'));
    expect(await objects()).toEqual([]);
  });
});

test('names are looked up in the schema that the database was given', async () => {
  const database = await postgres.open();
  const dialect = new PostgresDialect({ pool: new pg.Pool({ connectionString: database.url }) });
  const db = new Kysely<{
    documents: { id: Generated<number>; name: Generated<string>; avatar: string | null };
  }>({
    dialect,
  });
  onTestFinished(() => db.destroy());
  for (const statement of [
    'DROP SCHEMA IF EXISTS other CASCADE',
    'CREATE SCHEMA other',
    'CREATE TABLE other.documents (id serial PRIMARY KEY, name text, avatar text)',
  ])
    await sql.raw(statement).execute(db);
  const storage = new MemoryStorage();
  const field = { key: ['id'] as const, fields: { avatar: { storage } } };
  const documents = new KyselyFiles(db.withSchema('other')).define('documents', field);
  const [one, two] = [await documents.insert({}), await documents.insert({})];
  await documents.fields.avatar.of(one).save('shared', { name: 'shared.txt' });
  await db
    .withSchema('other')
    .updateTable('documents')
    .set({ avatar: one.avatar })
    .where('id', '=', two.id)
    .execute();
  await documents.delete(one);
  expect((await Array.fromAsync(storage.list())).map(({ name }) => name)).toEqual(['shared.txt']);
  await sql.raw('DROP SCHEMA other CASCADE').execute(db);
});

test('a journal on the pool of the rows is refused, through other plugins or a schema, too', async () => {
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: new Libsql(':memory:') }) });
  for (const other of [db.withPlugin(new CamelCasePlugin()), db.withSchema('other'), db.withoutPlugins()]) {
    const journal = new SqlJournal({ dialect: 'postgresql', execute: sqlExecutor(other) });
    expect(() => new KyselyFiles(db, { journal })).toThrow(/pool of the rows.*a pool of 1/);
  }
  await db.destroy();
});

test('an executor that renames columns is told so, and nothing is reported as done', async () => {
  const { db, storage, people, sqlJournal } = await fixture('SQLite');
  const id = 'write-1' as WriteId;
  const label = { model: 'people', field: 'profilePicture' };
  const died = sqlJournal();
  await died.begin({ id, kind: 'store', storage: storage.id, name: 'half.txt', ...label, key: null });
  await died.postpone(id);
  const renaming = sqlExecutor(db);
  const journal = new SqlJournal({
    dialect: 'sqlite',
    async execute(text, parameters) {
      const { rows } = await renaming(text, parameters);
      return { rows: rows.map(({ object_name: objectName, ...others }) => ({ ...others, objectName })) };
    },
  });
  journal.fields.add(people.fields.profilePicture as never);
  await expect(recover(journal)).rejects.toMatchObject({ code: 'invalid-argument' });
  await expect(journal.entries()).rejects.toThrow(/object_name.*without plugins/);
});
