import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { MemoryStorage } from '@fieldfile/memory';
import { load } from '@fieldfile/test-servers/load';
import { mariadbMissing } from '@fieldfile/test-servers/mariadb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NameQueries, nameQueries } from '../src/binding/name-queries.ts';
import type { SqlDialectName } from '../src/journal/dialect.ts';
import { fileIndex } from '../src/journal/journal-table.ts';
import { oddSpellings } from '../src/journal/odd-spellings.ts';
import type { SqlExecutor } from '../src/journal/sql.ts';
import { mariadbDatabase } from './journal/mariadb-database.ts';
import { postgresDatabase } from './journal/postgres-database.ts';

/** A power of ten. Below a thousand, planners read small tables whole. */
const ROWS = load({ test: 10_000, ci: 10_000, deep: 1_000_000 });

const TIMEOUT_MS = load({ test: 60_000, ci: 60_000, deep: 900_000 });

/** A database in which plans are looked at. */
interface Planned extends AsyncDisposable {
  readonly dialect: SqlDialectName;
  readonly execute: SqlExecutor;
  /** The ways in which a statement reads a table that are not one step into an index: none where all is well. */
  readonly scans: (sql: string, parameters: readonly unknown[]) => Promise<readonly string[]>;
  /** Has the planner count what is in the table. */
  readonly analyze: string;
  /** File columns: their types. */
  readonly columns: Readonly<Record<string, string>>;
  /** Columns of a type whose index does not help: they must be told apart all the same. */
  readonly slow?: Readonly<Record<string, string>>;
  /** Columns whose index has no order of bytes: their pages are sorted. */
  readonly sorted: readonly string[];
}

const missing = mariadbMissing();

describe('names in PostgreSQL', () => plans(startPostgres));
describe('names in SQLite', () => plans(startSqlite));
describe.skipIf(missing)(`names in MariaDB${missing ? ` (${missing})` : ''}`, () => plans(startMariadb));

function plans(start: () => Promise<Planned>): void {
  let database: Planned;
  let columns: readonly string[];

  beforeAll(async () => {
    database = await start();
    columns = Object.keys(database.columns);
    for (const statement of tableOf(database)) await database.execute(statement, []);
  }, TIMEOUT_MS);
  afterAll(() => database[Symbol.asyncDispose]());

  const asked = (execute: SqlExecutor = database.execute): NameQueries =>
    nameQueries({
      dialect: database.dialect,
      execute: () => execute,
      columnOf: column => ({ table: 'files', column, key: { id: 'id' } }),
    });

  /** What statements of these questions read beside an index. */
  async function scansOf(question: (queries: NameQueries) => Promise<unknown>): Promise<readonly string[]> {
    const scans: string[] = [];
    await question(
      asked(async (sql, parameters) => {
        for (const scan of await database.scans(sql, parameters)) scans.push(`${scan}: ${sql}`);
        return database.execute(sql, parameters);
      }),
    );
    return scans;
  }

  const spellings = [nameOf(5), ...oddSpellings(nameOf(5), new MemoryStorage().backend.limits)];

  describe.each(['that the planner has not counted', 'that the planner has counted'])(
    'in a table %s',
    how => {
      beforeAll(async () => {
        if (how === 'that the planner has counted') await database.execute(database.analyze, []);
      }, TIMEOUT_MS);

      test('an index tells whether a name is there, is there twice, or is there in one of its spellings', async () => {
        for (const column of columns) {
          expect(await scansOf(queries => queries.isReferenced([column], 'docs/none.txt', {}))).toEqual([]);
          expect(await scansOf(queries => queries.isShared(column, nameOf(7), {}))).toEqual([]);
          expect(await scansOf(queries => queries.isAnyReferenced([column], spellings, {}))).toEqual([]);
        }
      });

      test('the indexes of several columns tell it in one statement', async () => {
        expect(await scansOf(queries => queries.isAnyReferenced(columns, spellings, {}))).toEqual([]);
      });

      test('a page of names is read from the index', async () => {
        for (const column of columns.filter(one => !database.sorted.includes(one)))
          expect(await scansOf(queries => queries.names(column, { after: nameOf(5), limit: 100 }))).toEqual(
            [],
          );
      });
    },
  );

  test('a plan that reads the table is seen', async () => {
    expect(await database.scans('SELECT id FROM files WHERE size = 1', [])).not.toEqual([]);
  });

  test('what an index tells is right', async () => {
    const queries = asked();
    const full = [...columns, ...Object.keys(database.slow ?? {})].filter(one => one !== 'sparse');
    for (const column of full) {
      const is = (name: string): Promise<boolean> => queries.isReferenced([column], name, {});
      expect([await is(nameOf(5)), await is('docs/none.txt'), await is(nameOf(5).toUpperCase())]).toEqual([
        true,
        false,
        false,
      ]);
      expect(await queries.isShared(column, nameOf(5), {})).toBe(false);
      expect(await queries.isShared(column, 'docs/twice.txt', {})).toBe(true);
      expect(await queries.isAnyReferenced([column], ['docs/none.txt', nameOf(5)], {})).toBe(true);
    }
    expect(await queries.isAnyReferenced(columns, ['docs/none.txt', nameOf(5)], {})).toBe(true);
    expect(await queries.isAnyReferenced(columns, ['docs/none.txt', 'none'], {})).toBe(false);
  });

  test('a name with characters that a column cannot have is not there, and another column tells of it', async () => {
    const queries = asked();
    const name = 'docs/\u{1f600}.txt';
    for (const column of columns) expect(await queries.isReferenced([column], name, {})).toBe(false);
    expect(await queries.isAnyReferenced(columns, [name, `${name}/`], {})).toBe(false);
    await database.execute(`INSERT INTO files (id, bytes) VALUES (0, '${name}')`, []);
    expect(await queries.isAnyReferenced(columns, [name, `${name}/`], {})).toBe(true);
    expect(await queries.isShared('bytes', name, {})).toBe(false);
    await database.execute('DELETE FROM files WHERE id = 0', []);
  });
}

const nameOf = (id: number): string => `docs/${id}.txt`;

/** Every row has a file in all columns; in `sparse` only a few have one, and two rows share one everywhere. */
function* tableOf({ dialect, columns, slow }: Planned): Generator<string> {
  const all = { ...columns, ...slow };
  const names = Object.keys(all);
  const types = Object.entries(all).map(([name, type]) => `${name} ${type}`);
  yield `CREATE TABLE files (id integer PRIMARY KEY, size integer, ${types.join(', ')})`;
  const digits = Array.from({ length: Math.log10(ROWS) }, (_, digit) => digit);
  const from = digits.map(digit => `(${TEN}) AS d${digit}`).join(' CROSS JOIN ');
  const number = digits.map(digit => `d${digit}.n * ${10 ** digit}`).join(' + ');
  const values = names.map(name => (name === 'sparse' ? "CASE WHEN id <= 9 THEN name ELSE '' END" : 'name'));
  const name =
    dialect === 'mysql' || dialect === 'mariadb' ? "concat('docs/', id, '.txt')" : "'docs/' || id || '.txt'";
  yield `INSERT INTO files (id, size, ${names.join(', ')}) SELECT id, id, ${values.join(', ')} FROM ` +
    `(SELECT id, ${name} AS name FROM (SELECT ${number} + 1 AS id FROM ${from}) AS numbers) AS named`;
  yield `UPDATE files SET ${names.map(one => `${one} = 'docs/twice.txt'`).join(', ')} WHERE id IN (1, 2)`;
  for (const column of names) yield fileIndex(dialect, 'files', column);
}

const TEN = Array.from({ length: 10 }, (_, n) => `SELECT ${n} AS n`).join(' UNION ALL ');

async function startPostgres(): Promise<Planned> {
  const server = await postgresDatabase();
  await server.execute(
    "CREATE COLLATION any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
    [],
  );
  await server.execute('CREATE EXTENSION IF NOT EXISTS citext', []);
  return {
    ...{ dialect: 'postgresql', execute: server.execute, analyze: 'ANALYZE files', sorted: [] },
    columns: {
      bytes: 'varchar(100)',
      plain: 'text',
      anycase: 'varchar(100) COLLATE any_case',
      sparse: "varchar(100) NOT NULL DEFAULT ''",
    },
    slow: { word: 'citext' },
    /** Planned for these names, and for any names: a driver may prepare a statement. */
    async scans(sql, parameters) {
      const found: string[] = [];
      for (const mode of ['force_custom_plan', 'force_generic_plan']) {
        const { execute, rollback } = await server.begin();
        await execute(`SET LOCAL plan_cache_mode = ${mode}`, []);
        await execute(`PREPARE asked AS ${sql}`, []);
        const values = parameters.map(value => `'${value}'`).join(', ');
        const { rows } = await execute(`EXPLAIN EXECUTE asked${values && `(${values})`}`, []);
        await execute('DEALLOCATE asked', []);
        await rollback();
        const lines = rows.map(row => String(row['QUERY PLAN']));
        // Each step into an index is followed by its condition.
        const isOneStep = (line: string, index: number): boolean =>
          /Index (Only )?Scan/.test(line) && /Index Cond/.test(lines[index + 1] ?? '');
        const isRead = (line: string): boolean => /Scan/.test(line) && !/Function Scan/.test(line);
        found.push(...lines.filter((line, index) => isRead(line) && !isOneStep(line, index)));
        found.push(...lines.filter(line => /-> +Sort/.test(line)));
      }
      return found;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function startMariadb(): Promise<Planned> {
  const server = await mariadbDatabase();
  return {
    ...{ dialect: 'mariadb', execute: server.execute, analyze: 'ANALYZE TABLE files' },
    columns: {
      bytes: 'varchar(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin',
      anycase: 'varchar(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci',
      old: 'varchar(100) CHARACTER SET utf8mb3',
      western: 'varchar(100) CHARACTER SET latin1',
      sparse: "varchar(100) CHARACTER SET utf8mb4 NOT NULL DEFAULT ''",
    },
    sorted: ['anycase', 'old', 'western', 'sparse'],
    async scans(sql, parameters) {
      if (sql.includes('collation(')) return []; // one row of whichever index
      const { rows } = await server.execute(`EXPLAIN ${sql}`, parameters as never);
      return rows
        .filter(row => !['ref', 'range'].includes(String(row.type)) || /filesort/.test(String(row.Extra)))
        .map(row => `${row.type} ${row.key} ${row.Extra}`);
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function startSqlite(): Promise<Planned> {
  const database = new DatabaseSync(':memory:');
  const all = (sql: string, parameters: readonly unknown[]) =>
    database.prepare(sql).all(...(parameters as SQLInputValue[]));
  return {
    ...{ dialect: 'sqlite', execute: async (sql, parameters) => ({ rows: all(sql, parameters) }) },
    ...{ analyze: 'ANALYZE', sorted: [] },
    columns: {
      bytes: 'varchar(100)',
      anycase: 'text COLLATE NOCASE',
      sparse: "text NOT NULL DEFAULT ''",
    },
    async scans(sql, parameters) {
      const details = all(`EXPLAIN QUERY PLAN ${sql}`, parameters).map(({ detail }) => String(detail));
      return details.filter(detail => /^SCAN|TEMP B-TREE/.test(detail));
    },
    async [Symbol.asyncDispose]() {
      database.close();
    },
  };
}
