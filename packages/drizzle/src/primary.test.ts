import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { file } from '@fieldfile/core';
import { sweep } from '@fieldfile/core/journal';
import { MemoryStorage } from '@fieldfile/memory';
import { asTenant, postgresContract } from '@fieldfile/test-servers/databases';
import { createClient } from '@libsql/client';
import { eq, gt, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/libsql';
import { drizzle as fromPool } from 'drizzle-orm/node-postgres';
import {
  integer as pgInteger,
  pgTable,
  text as pgText,
  withReplicas as withPgReplicas,
} from 'drizzle-orm/pg-core';
import { integer, sqliteTable, text, withReplicas } from 'drizzle-orm/sqlite-core';
import pg from 'pg';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { DrizzleFiles } from './drizzle-files.ts';

const users = sqliteTable('users', {
  id: integer().primaryKey(),
  name: text().notNull(),
  avatar: text({ length: 60 }),
});

/** A database and a replica that never heard of what was written. */
async function replicated() {
  const folder = mkdtempSync(join(tmpdir(), 'fieldfile-replicas-'));
  const clients = ['primary', 'replica'].map(name => createClient({ url: `file:${join(folder, name)}` }));
  onTestFinished(() => {
    for (const client of clients) client.close();
    rmSync(folder, { recursive: true, force: true });
  });
  for (const client of clients)
    await client.execute('CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL, avatar text)');
  const [primary, replica] = clients.map(client => drizzle(client));
  if (!primary || !replica) throw new Error('There are two.');
  const db = withReplicas(primary, [replica]);
  const storage = new MemoryStorage();
  const table = new DrizzleFiles(db).define(users, { key: ['id'], fields: { avatar: { storage } } });
  const stored = () => primary.select().from(users);
  return { db, primary, storage, table, stored };
}

describe('with a replica that lags behind', () => {
  test('rows are read for an update, a removal and a handle on the primary', async () => {
    const { db, storage, table, stored } = await replicated();
    const ada = await table.insert({ name: 'Ada', avatar: file('a', 'a.txt') });
    expect(await db.select().from(users)).toEqual([]); // the application's own reads go to the replica
    await table.update({ id: ada.id }, { avatar: file('b', 'b.txt') });
    expect(await table.updateWhere(gt(users.id, 0), { avatar: file('c', 'c.txt') })).toBe(1);
    const handle = await table.fields.avatar.byKey({ id: ada.id });
    await handle.save('d', { name: 'd.txt' });
    expect(await stored()).toEqual([{ ...ada, avatar: 'd.txt' }]);
    expect((await Array.fromAsync(storage.list())).map(({ name }) => name)).toEqual(['d.txt']);
    expect(await table.deleteWhere(gt(users.id, 0))).toBe(1);
    expect(await Array.fromAsync(storage.list())).toEqual([]);
  });

  test('an object that another row of the primary names stays, and a sweep sees both', async () => {
    const { primary, storage, table } = await replicated();
    const ada = await table.insert({ name: 'Ada', avatar: file('a', 'a.txt') });
    const eve = await table.insert({ name: 'Eve' });
    await primary.update(users).set({ avatar: ada.avatar }).where(eq(users.id, eve.id));
    await table.fields.avatar.of(ada).save('b', { name: 'b.txt' });
    const found: string[] = [];
    const fields = [table.fields.avatar];
    await sweep({ storage, fields, graceSeconds: -60, onFinding: ({ name }) => found.push(name) });
    expect([await storage.exists('a.txt'), found]).toEqual([true, []]);
  });
});

const postgres = postgresContract();
afterAll(() => postgres[Symbol.asyncDispose]());

const documents = pgTable('documents', {
  id: pgInteger().primaryKey().generatedByDefaultAsIdentity(),
  name: pgText().notNull().default('a document'),
  avatar: pgText(),
});

const connect = (url: string) => {
  const pool = new pg.Pool({ connectionString: url });
  onTestFinished(() => pool.end());
  return fromPool({ client: pool });
};

test.each([
  ['a reader that sees all rows keeps', true],
  ['without one nobody keeps', false],
])('on PostgreSQL with row-level security %s the object that a hidden row names', async (_, withReader) => {
  const { url } = await postgres.open();
  const [tenants, all] = [connect(await asTenant(url)), connect(url)];
  const storage = new MemoryStorage();
  const reader = withPgReplicas(all, [tenants]); // its replica would not see the row
  const files = new DrizzleFiles(tenants, withReader ? { reader } : {});
  const table = files.define(documents, { key: ['id'], fields: { avatar: { storage } } });
  const as = <T>(tenant: string, work: () => Promise<T>): Promise<T> =>
    files.transaction(async tx => {
      await tx.execute(sql`SELECT set_config('app.tenant', ${tenant}, true)`);
      return work();
    });
  const mine = await as('one', () => table.insert({ avatar: file('shared', 'shared.txt') }));
  const theirs = await as('two', () => table.insert({}));
  await all.update(documents).set({ avatar: mine.avatar }).where(eq(documents.id, theirs.id));
  await as('one', () => table.delete(mine));
  expect(await storage.exists('shared.txt')).toBe(withReader);
});

test('casing of the database is used in every statement, on PostgreSQL', async () => {
  const { url } = await postgres.open();
  const pool = new pg.Pool({ connectionString: url });
  onTestFinished(() => pool.end());
  const db = fromPool({ client: pool, casing: 'snake_case' });
  await db.execute(sql`DROP TABLE IF EXISTS people`);
  await db.execute(
    sql`CREATE TABLE people (person_id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, profile_picture text)`,
  );
  const people = pgTable('people', {
    personId: pgInteger().primaryKey().generatedByDefaultAsIdentity(),
    profilePicture: pgText(),
  });
  const storage = new MemoryStorage();
  const table = new DrizzleFiles(db).define(people, {
    key: ['personId'],
    fields: { profilePicture: { storage } },
  });
  const row = await table.insert({ profilePicture: file('a', 'a.txt') });
  await table.update({ personId: row.personId }, { profilePicture: file('b', 'b.txt') });
  await table.fields.profilePicture.of({ ...row, profilePicture: 'b.txt' }).save('c', { name: 'c.txt' });
  expect(await db.select().from(people)).toEqual([{ ...row, profilePicture: 'c.txt' }]);
  await storage.save('orphan.txt', 'nobody has it');
  const findings: unknown[] = [];
  await sweep({
    ...{ storage, fields: [table.fields.profilePicture], graceSeconds: -60 },
    onFinding: ({ name }) => findings.push(name),
  });
  expect(findings).toEqual(['orphan.txt']);
});
