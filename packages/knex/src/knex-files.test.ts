import { type FieldFile, file, model, upload } from '@fieldfile/core';
import { fileMigration, recover, SqlJournal, sweep } from '@fieldfile/core/journal';
import { MemoryStorage } from '@fieldfile/memory';
import type { WriteId } from '@fieldfile/storage';
import { asTenant, postgresContract } from '@fieldfile/test-servers/databases';
import knex, { type Knex } from 'knex';
import { afterAll, describe, expect, expectTypeOf, onTestFinished, test } from 'vitest';
import { sqlExecutor } from './driver.ts';
import { KnexFiles } from './knex-files.ts';

const postgres = postgresContract();
afterAll(() => postgres[Symbol.asyncDispose]());

interface Person {
  personId: number;
  fullName: string | null;
  visits: number;
  profilePicture: string | null;
}
const person = model<Person>()('people', 'personId');

const snakeCase = (text: string): string => text.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);
const camelCase = (text: string): string => text.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
/** Names of columns are other ones in the database, and names of objects are not what they seem. */
const renaming: Partial<Knex.Config> = {
  wrapIdentifier: (value, wrap) => wrap(snakeCase(value)),
  postProcessResponse: (result: unknown) =>
    Array.isArray(result)
      ? result.map(row =>
          Object.fromEntries(Object.entries(row).map(([name, value]) => [camelCase(name), value])),
        )
      : result,
};

async function connect(kind: string): Promise<Knex> {
  const db = knex(
    kind === 'SQLite'
      ? {
          client: 'better-sqlite3',
          connection: { filename: ':memory:' },
          useNullAsDefault: true,
          ...renaming,
        }
      : { client: 'pg', connection: (await postgres.open()).url, pool: { min: 0, max: 3 }, ...renaming },
  );
  onTestFinished(() => db.destroy());
  return db;
}

async function fixture(kind: string) {
  const db = await connect(kind);
  await db.schema.dropTableIfExists('people');
  await db.schema.createTable('people', table => {
    table.increments('personId');
    table.text('fullName');
    table.integer('visits').notNullable().defaultTo(0);
    table.text('profilePicture');
  });
  const storage = new MemoryStorage();
  const files = new KnexFiles(db);
  const people = files.define(person, { profilePicture: { storage } });
  const names = async () => (await Array.fromAsync(storage.list())).map(({ name }) => name as string);
  const rows = () => db<Person>('people').orderBy('personId');
  return { db, files, people, storage, names, rows };
}

describe.each(['SQLite', 'PostgreSQL'])('on %s, through wrapIdentifier and postProcessResponse', kind => {
  test('rows are as Knex has them, and their files change with them', async () => {
    const { files, people, names, rows } = await fixture(kind);
    const { profilePicture } = people.fields;
    const ada = await people.insert({ fullName: 'Ada', profilePicture: file('a', 'a.txt') });
    expect(ada).toEqual({ personId: 1, fullName: 'Ada', visits: 0, profilePicture: 'a.txt' });
    await profilePicture.of(ada).save('b', { name: 'b.txt' });
    await files.transaction(() => people.update(ada, { profilePicture: file('c', 'c.txt'), visits: 3 }));
    expect([await rows(), await names()]).toEqual([[ada], ['c.txt']]);
    await people.update({ personId: 1 }, { profilePicture: file('d', 'd.txt'), fullName: undefined });
    expect((await profilePicture.byKey({ personId: 1 })).owner).toMatchObject({ fullName: 'Ada' });
    expect(await names()).toEqual(['d.txt']);
    expect(await people.delete({ personId: 1 })).toBe(true);
    expect(await people.delete({ personId: 1 })).toBe(false);
    expect([await rows(), await names()]).toEqual([[], []]);
  });

  test('rows are chosen by all that `where` takes', async () => {
    const { db, people, names, rows } = await fixture(kind);
    for (const name of ['a', 'b', 'c'])
      await people.insert({ fullName: name, profilePicture: file(name, `${name}.txt`) });
    const profilePicture = file('new', 'new.txt');
    expect(await people.updateWhere({ fullName: 'a', visits: 0 }, { profilePicture })).toBe(1);
    const visits = db.raw('visits + 1');
    expect(await people.updateWhere(builder => builder.whereNot('fullName', 'c'), { visits })).toBe(2);
    expect(await people.updateWhere(db.raw('visits = ?', [1]), { visits, profilePicture: null })).toBe(2);
    expect(await people.updateWhere({ fullName: 'nobody' }, { profilePicture: null })).toBe(0);
    const stored = (await rows()).map(row => [row.fullName, row.visits, row.profilePicture]);
    expect(stored).toEqual([
      ['a', 2, null],
      ['b', 2, null],
      ['c', 0, 'c.txt'],
    ]);
    await expect(people.deleteWhere({ fullName: undefined } as object)).rejects.toThrow(/Undefined binding/);
    expect(await people.deleteWhere({ profilePicture: null })).toBe(2);
    expect(await people.deleteWhere(builder => builder.whereIn('fullName', ['c']))).toBe(1);
    expect([await rows(), await names()]).toEqual([[], []]);
  });

  test('a value that postProcessResponse would read as something else stays as it is', async () => {
    const { db, people, names } = await fixture(kind);
    await people.insert({ fullName: 'Ada', profilePicture: file('a', 'a.txt') });
    db.client.config.postProcessResponse = (rows: unknown) => (Array.isArray(rows) ? [] : rows);
    expect(await people.updateWhere({ fullName: 'Ada' }, { profilePicture: file('b', 'b.txt') })).toBe(1);
    expect(await names()).toEqual(['b.txt']);
    expect(await people.deleteWhere({ fullName: 'Ada' })).toBe(1);
    expect(await names()).toEqual([]);
  });

  test('a draft that was uploaded before is inserted in a transaction that stores nothing', async () => {
    const { db, people, names } = await fixture(kind);
    const draft = people.draft({ fullName: 'Ada', profilePicture: file('ada', 'ada.txt') });
    await upload(draft);
    expect(await names()).toEqual(['ada.txt']);
    await db.transaction(() => people.insert(draft));
    expect(draft.personId).toBe(1);
    expect(await db('people').select('profilePicture')).toEqual([{ profilePicture: 'ada.txt' }]);
  });

  test('a row of defaults alone is inserted', async () => {
    const { people } = await fixture(kind);
    const { personId, visits } = await people.insert({});
    expect([personId, visits]).toEqual([1, 0]);
  });

  test('the migration makes the journal and indexes the file columns, and recovery reads what was written', async () => {
    const { db, people, storage, names } = await fixture(kind);
    const dialect = kind === 'SQLite' ? 'sqlite' : 'postgresql';
    for (let run = 0; run < 2; run++)
      for (const statement of fileMigration({ people: ['profile_picture'] }, { dialect, journal: true }))
        await db.raw(statement);
    const died = new SqlJournal({ dialect, execute: sqlExecutor(db) });
    const id = 'write-1' as WriteId;
    const label = { model: 'people', field: 'profilePicture' };
    await died.begin({ id, kind: 'store', storage: storage.id, name: 'half.txt', ...label, key: null });
    await storage.create('half.txt', 'unfinished', { writeId: id });
    await died.postpone(id);
    const journal = new SqlJournal({ dialect, execute: sqlExecutor(db) });
    journal.fields.add(people.fields.profilePicture as never);
    expect(await journal.entries()).toMatchObject([{ id, name: 'half.txt', oldName: null }]);
    expect(await recover(journal)).toMatchObject({ undone: 1, finished: 0, postponed: 0 });
    expect(await names()).toEqual([]);
  });

  test('names are looked up in the schema that the table was given', async () => {
    const { db, files, storage, names } = await fixture(kind);
    if (kind === 'PostgreSQL') await db.raw('CREATE SCHEMA IF NOT EXISTS other');
    else await db.raw("ATTACH DATABASE ':memory:' AS other");
    await db.raw('DROP TABLE IF EXISTS other.people');
    await db.raw('CREATE TABLE other.people (person_id integer PRIMARY KEY, profile_picture text)');
    const others = files.define(model<Person>()('other.people', 'personId'), { profilePicture: { storage } });
    const one = await others.insert({ personId: 1, profilePicture: file('shared', 'shared.txt') });
    await db('other.people').insert({ personId: 2, profilePicture: one.profilePicture });
    await others.delete(one);
    expect(await names()).toEqual(['shared.txt']);
    await others.delete({ personId: 2 });
    expect(await names()).toEqual([]);
    await db.raw('DROP TABLE other.people');
  });

  test('a journal on the pool of the rows is refused, that of a copy with other parameters, too', async () => {
    const db = await connect(kind);
    for (const other of [db, db.withUserParams({ tenant: 1 })]) {
      const journal = new SqlJournal({ dialect: 'postgresql', execute: sqlExecutor(other) });
      expect(() => new KnexFiles(db, { journal })).toThrow(/pool of the rows.*a pool of 1/);
    }
  });
});

test("types flow: rows are the model's, file columns take files and no text", async () => {
  const { db, people } = await fixture('SQLite');
  const row = await people.insert({ fullName: 'Ada', profilePicture: file('ada', 'ada.txt') });
  expectTypeOf(row).toEqualTypeOf<Person>();
  expectTypeOf(people.fields.profilePicture.of(row)).toEqualTypeOf<FieldFile<Person>>();
  // @ts-expect-error a name out of a request is no file
  await expect(people.insert({ profilePicture: 'ada.txt' })).rejects.toMatchObject({
    code: 'invalid-argument',
  });
  // @ts-expect-error the row object would show SQL
  expect(() => people.update(row, { visits: db.raw('visits + 1') })).not.toThrow();
  // @ts-expect-error the key is needed
  await expect(people.update({}, { fullName: 'Eve' })).rejects.toMatchObject({ code: 'invalid-argument' });
  // @ts-expect-error there is no such column
  await expect(people.deleteWhere({ nickname: 'Eve' })).rejects.toThrow(/nickname/);
  const partial = { personId: row.personId };
  // @ts-expect-error the column was not selected
  expect(() => people.fields.profilePicture.of(partial)).toThrow(/select the column/);
});

test('work begun outside outlives its transaction, and all other work does not', async () => {
  const { db, files, people, names } = await fixture('PostgreSQL');
  const row = await people.insert({ fullName: 'Ada' });
  const gate = Promise.withResolvers<void>();
  const save = async (): Promise<void> => {
    await gate.promise;
    await people.fields.profilePicture.of(row).save('late', { name: 'late.txt' });
  };
  let late: Promise<void> | undefined;
  let outside: Promise<void> | undefined;
  await db.transaction(async () => {
    late = save();
    outside = files.outside(save);
  });
  gate.resolve();
  await expect(late).rejects.toMatchObject({ code: 'transaction-ended', applied: false });
  await outside;
  expect(await names()).toEqual(['late.txt']);
  expect(await db('people').select('profilePicture')).toEqual([{ profilePicture: 'late.txt' }]);
});

test('a database that this package was not tried on is refused', () => {
  expect(() => new KnexFiles(knex({ client: 'redshift' }))).toThrow(/MariaDB or SQLite, not redshift/);
});

test('a reader that sees all rows keeps the object that a hidden row names', async () => {
  const { url } = await postgres.open();
  const [tenants, reader] = [await asTenant(url), url].map(connection =>
    knex({ client: 'pg', connection, pool: { min: 0 } }),
  ) as [Knex, Knex];
  onTestFinished(() => Promise.all([tenants.destroy(), reader.destroy()]).then(() => {}));
  const storage = new MemoryStorage();
  const files = new KnexFiles(tenants, { reader });
  const document = model<{ id: number; avatar: string | null }>()('documents', 'id');
  const documents = files.define(document, { avatar: { storage } });
  const as = <T>(tenant: string, work: () => Promise<T>): Promise<T> =>
    files.transaction(async trx => {
      await trx.raw("SELECT set_config('app.tenant', ?, true)", [tenant]);
      return work();
    });
  const mine = await as('one', () => documents.insert({ avatar: file('shared', 'shared.txt') }));
  const theirs = await as('two', () => documents.insert({}));
  await reader('documents').where({ id: theirs.id }).update({ avatar: mine.avatar });
  await as('one', () => documents.delete(mine));
  expect(await storage.exists('shared.txt')).toBe(true);
  const found: unknown[] = [];
  const fields = [documents.fields.avatar];
  await sweep({ storage, fields, graceSeconds: -60, onFinding: ({ name }) => found.push(name) });
  expect(found).toEqual([]);
  await as('two', () => documents.delete(theirs));
  expect(await storage.exists('shared.txt')).toBe(false);
});
