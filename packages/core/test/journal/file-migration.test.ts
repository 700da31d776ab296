import { mariadbMissing } from '@fieldfile/test-servers/mariadb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nameQueries } from '../../src/binding/name-queries.ts';
import type { FileColumn } from '../../src/journal/file-column.ts';
import { fileMigration } from '../../src/journal/file-migration.ts';
import type { JournalDatabase } from './database.ts';
import { mariadbDatabase } from './mariadb-database.ts';
import { postgresDatabase } from './postgres-database.ts';

const missing = mariadbMissing();

describe('a migration of PostgreSQL', () => migrates(postgresDatabase, 'citext'));
describe.skipIf(missing)(`a migration of MariaDB${missing ? ` (${missing})` : ''}`, () =>
  migrates(mariadbDatabase, 'varchar(200) CHARACTER SET latin1'),
);

/** @param anyCase a type that takes `A.TXT` for `a.txt`. */
function migrates(start: () => Promise<JournalDatabase>, anyCase: string): void {
  let database: JournalDatabase;
  beforeAll(async () => {
    database = await start();
    if (anyCase === 'citext') await run('CREATE EXTENSION IF NOT EXISTS citext');
  });
  afterAll(() => database[Symbol.asyncDispose]());

  const run = (sql: string, parameters: readonly string[] = []) => database.execute(sql, parameters);

  async function migrate(table: string, ...columns: readonly FileColumn[]): Promise<void> {
    const statements = fileMigration({ [table]: columns }, { dialect: database.dialect });
    for (const statement of [...statements, ...statements]) await run(statement); // again: what is there is left alone
  }

  /** Whether the column's own `=` takes a text for another, and in which order it is read from its index. */
  async function seen(table: string) {
    const { rows } = await run(`SELECT count(*) AS same FROM ${table} WHERE file = 'DOCS/A.TXT'`);
    const plans: string[] = [];
    const { execute, rollback } = await database.begin();
    if (database.dialect === 'postgresql') await execute('SET LOCAL enable_seqscan = off', []); // of so small a table
    const page = await nameQueries({
      dialect: database.dialect,
      columnOf: () => ({ table, column: 'file', key: { id: 'id' } }),
      execute: () => async (sql, parameters) => {
        plans.push(JSON.stringify((await execute(`EXPLAIN ${sql}`, parameters)).rows));
        return execute(sql, parameters);
      },
    }).names('file', { limit: 10 });
    await rollback();
    return {
      same: Number(rows[0]?.same),
      names: page.map(({ name }) => name),
      isSorted: /filesort|Sort Key/.test(plans.at(-1) ?? ''),
    };
  }

  test('a new column compares bytes, and its index has their order', async () => {
    await run('CREATE TABLE fresh (id integer PRIMARY KEY)');
    await migrate('fresh', { name: 'file', change: 'add', length: 50 });
    await run("INSERT INTO fresh VALUES (1, 'docs/a.txt'), (2, 'docs/B.txt'), (3, NULL)");
    expect(await seen('fresh')).toEqual({ same: 0, names: ['docs/B.txt', 'docs/a.txt'], isSorted: false });
    await expect(run(`INSERT INTO fresh VALUES (4, '${'x'.repeat(51)}')`)).rejects.toThrow(/too long/i);
  });

  test('a column without NULL has the empty text for rows that are there', async () => {
    await run('CREATE TABLE filled (id integer PRIMARY KEY)');
    await run('INSERT INTO filled VALUES (1)');
    await migrate('filled', { name: 'file', change: 'add', nullable: false });
    expect((await run('SELECT file FROM filled')).rows).toEqual([{ file: '' }]);
    await expect(run('INSERT INTO filled VALUES (2, NULL)')).rejects.toThrow(/null/i);
  });

  test('a column that takes a name for another compares bytes afterwards, and keeps its rows', async () => {
    await run(`CREATE TABLE existing (id integer PRIMARY KEY, file ${anyCase})`);
    await run(
      "INSERT INTO existing VALUES (1, 'docs/a.txt'), (2, 'docs/B.txt'), (3, 'docs/é.txt'), (4, NULL)",
    );
    expect((await seen('existing')).same).toBe(1);
    await migrate('existing', { name: 'file', change: 'compare-bytes', length: 200 });
    expect(await seen('existing')).toEqual({
      same: 0,
      names: ['docs/B.txt', 'docs/a.txt', 'docs/é.txt'],
      isSorted: false,
    });
    await run("INSERT INTO existing VALUES (5, 'docs/\u{1f600}.txt')");
  });
}

test('the index of SQLite compares bytes, so a column that is there stays as it is', () => {
  const file: FileColumn = { name: 'file', change: 'compare-bytes' };
  expect(fileMigration({ docs: [file, 'cover'] }, { dialect: 'sqlite' })).toEqual([
    'CREATE INDEX IF NOT EXISTS "docs_file_file" ON "docs" ("file" COLLATE BINARY)',
    'CREATE INDEX IF NOT EXISTS "docs_cover_file" ON "docs" ("cover" COLLATE BINARY)',
  ]);
});

test('MySQL has a collation of its own for that', () => {
  const columns = { docs: [{ name: 'file', change: 'compare-bytes', nullable: false } as const] };
  expect(fileMigration(columns, { dialect: 'mysql', journal: false })).toEqual([
    "ALTER TABLE `docs` MODIFY `file` varchar(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin NOT NULL DEFAULT ''",
    'CREATE INDEX `docs_file_file` ON `docs` (`file`)',
  ]);
});

test.each([
  ['a length that no index takes', { length: 769 }, /768 at the most/],
  ['a length of nothing', { length: 0 }, /whole number/],
  ['an unknown change', { change: 'drop' as 'add' }, /'add' or 'compare-bytes'/],
  ['a name with a quote', { name: 'a`b' }, /no name/],
])('%s is refused', (_, wrong, words) => {
  const column: FileColumn = { name: 'file', change: 'add', ...wrong };
  expect(() => fileMigration({ docs: [column] }, { dialect: 'mariadb' })).toThrow(words);
});
