import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { file, upload } from '@fieldfile/core';
import { recover, sweep } from '@fieldfile/core/journal';
import { SqliteJournal } from '@fieldfile/core/node';
import { MemoryStorage } from '@fieldfile/memory';
import { createClient } from '@libsql/client';
import { eq, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { drizzle as drizzleLibsql } from 'drizzle-orm/libsql';
import { integer, sqliteTable, text, withReplicas } from 'drizzle-orm/sqlite-core';
import { expect, expectTypeOf, onTestFinished, test } from 'vitest';
import { DrizzleFiles } from './drizzle-files.ts';

const users = sqliteTable('users', {
  id: integer().primaryKey(),
  name: text().notNull(),
  avatar: text('avatar_file', { length: 30 }),
});

const BUSY = expect.objectContaining({ cause: expect.objectContaining({ code: 'SQLITE_BUSY' }) });

function fixture({ isApart = false }: { readonly isApart?: boolean } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'fieldfile-drizzle-'));
  const path = join(folder, 'app.db');
  const db = drizzle(path);
  onTestFinished(() => {
    db.$client.close();
    rmSync(folder, { recursive: true, force: true });
  });
  db.run(sql`PRAGMA journal_mode = WAL`);
  db.run(sql`CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL, avatar_file text)`);
  const storage = new MemoryStorage();
  const journal = isApart ? new SqliteJournal(join(folder, 'journal.db')) : undefined;
  const files = new DrizzleFiles(db, journal && { journal });
  const table = files.define(users, { key: ['id'], fields: { avatar: { storage } } });
  const objects = async () => (await Array.fromAsync(storage.list())).map(({ name }) => name);
  return { db, files, table, storage, path, objects, journal };
}

test('types flow: a synchronous driver has synchronous calls, and another one has none', () => {
  const { table, files } = fixture();
  const use = () => {
    expectTypeOf(table.insertSync({ name: 'Ada' })).toEqualTypeOf<{
      id: number;
      name: string;
      avatar: string | null;
    }>();
    expectTypeOf(files.transactionSync(tx => tx.select().from(users).all().length)).toEqualTypeOf<number>();
    // @ts-expect-error a file is uploaded first: as a draft's
    table.insertSync({ name: 'Ada', avatar: file('a', 'a.txt') });
    const other = new DrizzleFiles(drizzleLibsql(createClient({ url: 'file::memory:' })));
    // @ts-expect-error its driver has to be waited for
    other.define(users, { key: ['id'], fields: { avatar: {} } }).insertSync({ name: 'Ada' });
    // @ts-expect-error its driver has to be waited for
    other.transactionSync(tx => tx.select());
  };
  expectTypeOf(use).toBeFunction();
});

test('each kind of driver refuses the transactions of the other, and says which to call', async () => {
  const { files, table, db } = fixture();
  await expect(files.transaction(async () => {})).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringContaining('transactionSync()'),
  });
  const client = createClient({ url: 'file::memory:' });
  onTestFinished(() => client.close());
  const other = new DrizzleFiles(drizzleLibsql(client));
  expect(() => other.transactionSync(() => {})).toThrow(expect.objectContaining({ code: 'unsupported' }));
  const waits = other.define(users, { key: ['id'], fields: { avatar: {} } }) as unknown as typeof table;
  for (const call of [
    () => waits.insertSync({ name: 'Ada' }),
    () => waits.updateSync({ id: 1 }, { name: 'Ada' }),
    () => waits.deleteSync({ id: 1 }),
    () => waits.deleteWhereSync(eq(users.id, 1)),
  ])
    expect(call).toThrow(expect.objectContaining({ code: 'unsupported' }));
  expect(db.select().from(users).all()).toEqual([]);
});

test("what is written in a transaction of Drizzle's own is refused, since its rollback would not be seen", async () => {
  const { db, table, objects } = fixture();
  const ada = await table.insert({ name: 'Ada', avatar: file('a', 'a.txt') });
  for (const write of [
    () => table.insertSync({ name: 'Eve' }),
    () => table.updateSync(ada, { avatar: null }),
    () => table.deleteSync(ada),
  ])
    expect(() => db.transaction(write)).toThrow(
      expect.objectContaining({ code: 'unsupported', message: expect.stringContaining('transactionSync') }),
    );
  expect(db.select().from(users).all()).toEqual([ada]);
  expect(await objects()).toEqual(['a.txt']);
});

test('without a transaction each synchronous call is one of its own', async () => {
  const { db, files, table, objects } = fixture();
  const ada = table.draft({ name: 'Ada', avatar: file('a', 'a.txt') });
  await upload(ada);
  table.insertSync(ada);
  table.updateSync({ id: ada.id }, { name: 'Ada Lovelace' });
  expect(db.select().from(users).all()).toEqual([{ id: 1, name: 'Ada Lovelace', avatar: 'a.txt' }]);
  table.updateSync({ id: ada.id }, { avatar: null });
  await files.settled();
  expect(await objects()).toEqual([]);
  expect([table.deleteSync(ada), table.deleteSync(ada), table.deleteWhereSync(eq(users.id, 1))]).toEqual([
    true,
    false,
    0,
  ]);
});

test('a statement that was forgotten to be run is refused, and is not run afterwards either', async () => {
  const { db, files } = fixture();
  expect(() => files.transactionSync(tx => tx.insert(users).values({ name: 'ghost' }))).toThrow(
    expect.objectContaining({ code: 'unsupported', message: expect.stringContaining('.run()') }),
  );
  await files.settled();
  expect(db.select().from(users).all()).toEqual([]);
});

test('of a transaction that the database ended by itself, what was committed keeps its file, whatever was thrown', async () => {
  for (const isApart of [false, true]) {
    const { db, files, table, objects, journal } = fixture({ isApart });
    db.run(sql`CREATE UNIQUE INDEX one ON users (name)`);
    table.insertSync({ name: 'Eve' });
    const ada = table.draft({ name: 'Ada', avatar: file('a', 'a.txt') });
    await upload(ada);
    expect(() =>
      files.transactionSync(tx => {
        expect(() => tx.run(sql`INSERT OR ROLLBACK INTO users (name) VALUES ('Eve')`)).toThrow();
        table.insertSync(ada);
        tx.insert(users).values({ name: 'Eve' }).run();
      }),
    ).toThrow();
    await files.settled();
    if (journal) await recover(journal);
    const rows = db.select().from(users).all();
    expect(await objects()).toEqual(rows.flatMap(({ avatar }) => avatar ?? []));
    journal?.close();
  }
});

test('a replacement that comes too late leaves columns unknown that another one has left so', async () => {
  const { db, storage, files } = fixture();
  db.run(sql`CREATE TABLE scans (id integer PRIMARY KEY, scan text, size integer)`);
  const scans = sqliteTable('scans', {
    id: integer().primaryKey(),
    scan: text({ length: 30 }),
    size: integer(),
  });
  const table = files.define(scans, {
    key: ['id'],
    fields: { scan: { storage, columns: { size: 'size' } } },
  });
  const row = await table.insert({ scan: file('ten bytes.', 'a.txt') });
  await storage.replace('a.txt', 'of another process');
  db.run(sql`UPDATE scans SET size = NULL`);
  await expect(table.fields.scan.of(row).stored?.replace('too late')).rejects.toMatchObject({
    code: 'conflict',
  });
  expect(db.select().from(scans).all()).toEqual([{ id: 1, scan: 'a.txt', size: null }]);
});

test('a transaction waits for writers when it begins, unless it is told otherwise', () => {
  const { db, files, path } = fixture();
  const other = drizzle(path);
  onTestFinished(() => void other.$client.close());
  other.$client.pragma('busy_timeout = 0');
  db.run(sql`INSERT INTO users VALUES (1, 'Ada', NULL)`);
  const write = () => other.run(sql`UPDATE users SET name = 'Eve'`);
  files.transactionSync(() => expect(write).toThrow(BUSY));
  files.transactionSync(() => write(), { behavior: 'deferred' });
  expect(db.select().from(users).get()?.name).toBe('Eve');
});

test('a statement of another process that holds the database fails the save, and leaves nothing', async () => {
  const { db, table, path, objects } = fixture();
  db.$client.pragma('busy_timeout = 0');
  const other = drizzle(path);
  onTestFinished(() => void other.$client.close());
  other.$client.exec('BEGIN IMMEDIATE');
  const ada = table.draft({ name: 'Ada', avatar: file('a', 'a.txt') });
  await expect(table.insert(ada)).rejects.toThrow(/locked/);
  expect(await objects()).toEqual([]);
  other.$client.exec('ROLLBACK');
  await table.insert(ada);
  expect(await objects()).toEqual(['a.txt']);
});

test('the primary of replicas writes, and a sweep reads it', async () => {
  const { db, storage } = fixture();
  const replica = drizzle(':memory:');
  onTestFinished(() => void replica.$client.close());
  const files = new DrizzleFiles(withReplicas(db, [replica]));
  const table = files.define(users, { key: ['id'], fields: { avatar: { storage } } });
  const ada = table.draft({ name: 'Ada', avatar: file('a', 'a.txt') });
  await upload(ada);
  files.transactionSync(() => table.insertSync(ada));
  await storage.save('orphan.txt', '');
  const found: string[] = [];
  const fields = [table.fields.avatar];
  await sweep({ storage, fields, graceSeconds: -60, onFinding: ({ name }) => found.push(name) });
  expect(found).toEqual(['orphan.txt']);
});
