import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FieldFile, file, isFieldFileError } from '@fieldfile/core';
import { fileMigration, SqlJournal, sweep } from '@fieldfile/core/journal';
import { MemoryStorage } from '@fieldfile/memory';
import { createClient } from '@libsql/client';
import { eq, sql } from 'drizzle-orm';
import { drizzle as fromD1 } from 'drizzle-orm/d1';
import { drizzle } from 'drizzle-orm/libsql';
import { drizzle as fromPool } from 'drizzle-orm/node-postgres';
import { drizzle as fromProxy } from 'drizzle-orm/pg-proxy';
import { blob, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { expect, expectTypeOf, test } from 'vitest';
import { sqlExecutor } from './driver.ts';
import { DrizzleFiles } from './drizzle-files.ts';

const users = sqliteTable('users', {
  id: integer().primaryKey(),
  name: text().notNull(),
  picture: text('avatar_file', { length: 30 }),
});

async function fixture() {
  const folder = mkdtempSync(join(tmpdir(), 'fieldfile-drizzle-'));
  const client = createClient({ url: `file:${join(folder, 'app.db')}` });
  await client.execute('CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL, avatar_file text)');
  const db = drizzle(client);
  const storage = new MemoryStorage();
  const files = new DrizzleFiles(db);
  const table = files.define(users, { key: ['id'], fields: { picture: { storage } } });
  return {
    db,
    files,
    table,
    storage,
    [Symbol.dispose]() {
      client.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

test("types flow: rows are Drizzle's, file columns take files and no text", async () => {
  using opened = await fixture();
  const { db, table } = opened;
  const row = await table.insert({ name: 'Ada', picture: file('ada', 'ada.txt') });
  expectTypeOf(row).toEqualTypeOf<{ id: number; name: string; picture: string | null }>();
  expectTypeOf(table.fields.picture.of(row)).toEqualTypeOf<FieldFile<typeof row>>();
  // @ts-expect-error a name out of a request is no file
  await expect(table.insert({ name: 'Eve', picture: 'ada.txt' })).rejects.toMatchObject({
    code: 'invalid-argument',
  });
  const [partial] = await db.select({ id: users.id }).from(users);
  // @ts-expect-error the column was not selected
  expect(() => partial && table.fields.picture.of(partial)).toThrow(/select the column/);
});

test("a column's own name and length are used", async () => {
  using opened = await fixture();
  const { db, table, storage } = opened;
  const { id } = await table.insert({ name: 'Ada', picture: file('ada', `${'long '.repeat(20)}.txt`) });
  const [row] = await db.select().from(users).where(eq(users.id, id));
  expect(row?.picture).toHaveLength(30);
  expect(await storage.exists(row?.picture ?? '')).toBe(true);
});

test('transactions begun at once wait for each other instead of failing as busy', async () => {
  using opened = await fixture();
  const { table } = opened;
  const names = Array.from({ length: 10 }, (_, index) => `${index}.txt`);
  const rows = await Promise.all(names.map(name => table.insert({ name, picture: file(name, name) })));
  expect(rows.map(row => row.picture)).toEqual(names);
});

test('a row without its key is refused before a byte is stored', async () => {
  using opened = await fixture();
  const { table, storage } = opened;
  const draft = table.draft({ name: 'Ada', picture: file('ada', 'ada.txt') });
  const error = await table.update(draft, { name: 'Eve' }).catch(thrown => thrown);
  expect(isFieldFileError(error, 'invalid-argument')).toBe(true);
  expect(await Array.fromAsync(storage.list())).toEqual([]);
});

test('the migration has the journal and the index, and SQLite runs no journal of its own', async () => {
  using opened = await fixture();
  const migration = fileMigration({ users: ['avatar_file'] }, { dialect: 'postgresql' }).join(';\n');
  expect(migration).toMatch(/CREATE TABLE IF NOT EXISTS "fieldfile_journal"[\s\S]*"users_avatar_file_file"/);
  expect(fileMigration({ users: ['avatar_file'] }, { dialect: 'sqlite' }).join()).not.toMatch(/journal/);
  await expect(sqlExecutor(opened.db)('SELECT 1', [])).rejects.toMatchObject({ code: 'unsupported' });
});

test('a journal on the pool of the rows is refused, also through another object on it', async () => {
  const db = fromPool('postgresql://127.0.0.1:1/none');
  const { $client } = db;
  for (const other of [db, fromPool($client)]) {
    const journal = new SqlJournal({ dialect: 'postgresql', execute: sqlExecutor(other) });
    expect(() => new DrizzleFiles(db, { journal })).toThrow(/pool of the rows.*a pool of 1/);
  }
  const journal = new SqlJournal({
    dialect: 'postgresql',
    execute: sqlExecutor(fromPool('postgresql://127.0.0.1:1/none')),
  });
  expect(new DrizzleFiles(db, { journal })).toBeDefined();
});

test('a driver that sends each statement by itself is refused, by its name and with what to take', () => {
  const proxy = fromProxy(async () => ({ rows: [] }));
  for (const [db, message] of [
    [proxy, /drizzle-orm\/pg-proxy has no transactions.*node-postgres/],
    [fromD1({} as never), /drizzle-orm\/d1 has no transactions/],
  ] as const) {
    expect(() => new DrizzleFiles(db)).toThrow(message);
    expect(() => new DrizzleFiles(db)).toThrow(expect.objectContaining({ code: 'unsupported' }));
  }
});

const events = sqliteTable(
  'events',
  {
    id: blob({ mode: 'bigint' }).notNull(),
    at: integer({ mode: 'timestamp_ms' }).notNull(),
    scan: text(),
  },
  table => [primaryKey({ columns: [table.id, table.at] })],
);

test('rows are found by keys of every kind, as the columns have them', async () => {
  using opened = await fixture();
  const { db, files, storage } = opened;
  await db.run(sql`CREATE TABLE events (id blob, at integer, scan text, PRIMARY KEY (id, at))`);
  const table = files.define(events, { key: ['id', 'at'], fields: { scan: { storage } } });
  const { scan } = table.fields;
  const keys = [
    { id: 1n, at: new Date(0) },
    { id: 1n, at: new Date(1) },
    { id: 2n ** 60n, at: new Date(0) },
  ];
  for (const key of keys) await table.insert(key);
  for (const [index, key] of keys.entries()) {
    const reference = JSON.parse(JSON.stringify((await scan.byKey(key)).reference()));
    await scan.revive(reference).save(`${index}`, { name: `${index}.txt` });
  }
  const [second] = keys.slice(1);
  if (second) await table.update(second, { scan: file('new', 'new.txt') });
  expect((await db.select().from(events)).map(row => row.scan)).toEqual(['0.txt', 'new.txt', '2.txt']);
  await expect(scan.byKey({ id: 3n, at: new Date(0) })).rejects.toMatchObject({ code: 'not-found' });
  await expect(scan.byKey({ id: 1n } as never)).rejects.toMatchObject({ code: 'invalid-argument' });
  await storage.delete('0.txt');
  const found: unknown[] = [];
  await sweep({
    storage,
    fields: [scan],
    graceSeconds: -60,
    onFinding: ({ rows }) => found.push(rows[0]?.key),
  });
  expect(found).toEqual([keys[0]]);
});
