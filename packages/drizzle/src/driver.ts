import { FieldFileError } from '@fieldfile/core';
import {
  type Awaitable,
  askBeforeCommit,
  type Begin,
  type Columns,
  exactly,
  type TableDriver,
  withoutReturning,
} from '@fieldfile/core/binding';
import type { SqlExecutor, SqlResult } from '@fieldfile/core/journal';
import { and, type Column, eq, getTableColumns, isNull, or, type SQL, sql, type Table } from 'drizzle-orm';
import {
  type Answer,
  type Database,
  dialectOf,
  isSynchronous,
  primaryOf,
  type Query,
  type Selection,
  type Written,
} from './database.ts';
import { inPieces } from './in-pieces.ts';
import { syncExecutor } from './synchronous.ts';

/** What core asks of Drizzle about one table. */
export function drizzleDriver(
  database: Database,
  table: Table,
  key: readonly string[],
): TableDriver<Database, SQL> {
  const dialect = dialectOf(database);
  const all = getTableColumns(table);
  const column = (name: string): Column => {
    const found = all[name];
    if (found) return found;
    throw new FieldFileError('invalid-argument', `The table has no column ${JSON.stringify(name)}.`, {
      operation: 'table',
    });
  };
  const pick = (names: readonly string[]): Selection =>
    Object.fromEntries(names.map(name => [name, column(name)]));
  const columnInSql = (name: string): string => database.dialect.sqlToQuery(sql`${column(name)}`).sql;
  const has = ([name, value]: [string, unknown]): SQL =>
    value === null ? isNull(column(name)) : eq(column(name), value);
  const hasStill = ([name, value]: [string, unknown]): SQL => {
    const condition = exactly(dialect, columnInSql(name), value);
    return condition ? inPieces(condition.texts, condition.values) : has([name, value]);
  };
  const synchronous = isSynchronous(database);
  const rowsOf = (query: Query): Awaitable<readonly Columns[]> =>
    synchronous ? query.all() : Promise.resolve(query);
  const driver: Pick<TableDriver<Database, SQL>, 'select' | 'matching'> = {
    select(on, where, { columns, limit, lock } = {}) {
      const query = on
        .select(columns ? pick(columns) : all)
        .from(table)
        .where(where);
      const limited = limit === undefined ? query : query.limit(limit);
      return rowsOf(lock ? limited.for('update') : limited);
    },
    matching(rows, expected = {}) {
      const found = or(...rows.map(row => and(...Object.entries(row).map(has))));
      return and(found, ...Object.entries(expected).map(hasStill)) ?? sql`false`;
    },
  };
  return {
    ...driver,
    dialect,
    insert: (on, values) =>
      answered(rowsOf(on.insert(table).values(values).returning(all)), ([inserted = {}]) => inserted),
    delete: (on, where, columns) => rowsOf(on.delete(table).where(where).returning(pick(columns))),
    ...(dialect === 'mysql' &&
      withoutReturning<Database, SQL>(
        {
          ...driver,
          insert: async (on, values) => written(await on.insert(table).values(values)).insertId,
          remove: async (on, where) => on.delete(table).where(where),
        },
        key,
      )),
    update(on, where, values) {
      const query = on.update(table).set(values).where(where);
      if (dialect === 'mysql')
        return Promise.resolve(query).then(answer => Number(written(answer).affectedRows));
      const [first] = Object.keys(all);
      return answered(rowsOf(query.returning(pick([first as string]))), rows => rows.length);
    },
    execute: textExecutor,
    ...(synchronous && { executeSync: syncExecutor }),
    tableInSql: () => database.dialect.sqlToQuery(sql`${table}`).sql,
    columnInSql,
    fromDatabase: (name, value) => column(name).mapFromDriverValue(value),
    maxLength(name) {
      const length = /\((\d+)\)/.exec(column(name).getSQLType())?.[1];
      return length === undefined ? undefined : Number(length);
    },
  };
}

/** `mysql2` gives it with the columns of an answer that has rows, other drivers as it is. */
const written = (answer: unknown): Written => (Array.isArray(answer) ? answer[0] : answer) as Written;

/** What an answer says, now or later. */
const answered = <Answer, T>(answer: Awaitable<Answer>, say: (answer: Answer) => T): Awaitable<T> =>
  answer instanceof Promise ? answer.then(say) : say(answer);

/** The transactions of an SQLite database, one after another: a second one at a time is refused as busy. */
const turns = new WeakMap<Database, Promise<unknown>>();

/** Opens a transaction. */
export const begin =
  (database: Database): Begin<Database> =>
  work => {
    const dialect = dialectOf(database);
    if (dialect === 'mysql') return database.transaction(work);
    if (dialect === 'postgresql')
      return database.transaction(async transaction => {
        const result = await work(transaction);
        await askBeforeCommit(textExecutor(transaction));
        return result;
      });
    const turn = (turns.get(database) ?? Promise.resolve()).then(() => database.transaction(work));
    turns.set(
      database,
      turn.catch(() => {}),
    );
    return turn;
  };

/**
 * Runs SQL text: what `SqlJournal` takes as `execute`, made of a database of PostgreSQL, MySQL or MariaDB on a pool of its own,
 * or of the rows' own database where its driver is synchronous.
 *
 * @example
 * ```ts
 * import { SqlJournal } from '@fieldfile/core/journal';
 * import { sqlExecutor } from '@fieldfile/drizzle';
 * import { drizzle } from 'drizzle-orm/node-postgres';
 *
 * const journalDb = drizzle({ connection: { connectionString: 'postgresql://localhost/app', max: 1 } });
 * export const journal = new SqlJournal({ dialect: 'postgresql', execute: sqlExecutor(journalDb) });
 * ```
 */
export function sqlExecutor(db: object): SqlExecutor {
  const database = primaryOf(db);
  if (database.execute || isSynchronous(database)) return textExecutor(database);
  return async () => {
    throw new FieldFileError(
      'unsupported',
      'This database runs no journal of its own: use `SqliteJournal`, a file beside it.',
      { operation: 'journal' },
    );
  };
}

/** Runs SQL text with the database's own placeholders. */
export function textExecutor(db: object): SqlExecutor {
  const database = db as Database;
  const execute: SqlExecutor = async (text, parameters) => {
    if (isSynchronous(database)) return syncExecutor(database)(text, parameters);
    const texts = text.split(dialectOf(database) === 'postgresql' ? /\$\d+/ : /\?/);
    const query = inPieces(texts, parameters);
    if (!database.execute) return { rows: (await database.all?.(query)) ?? [] };
    return resultOf(await database.execute(query), dialectOf(database) === 'mysql');
  };
  return Object.assign(execute, { database: db });
}

function resultOf(answer: Answer, inMySql: boolean): SqlResult {
  if (!inMySql) return { rows: 'rows' in answer ? (answer.rows ?? []) : (answer as readonly Columns[]) };
  const [rows] = answer as readonly [readonly Columns[] | Written, unknown];
  if ('length' in rows) return { rows };
  return { rows: [], ...(rows.affectedRows !== undefined && { affectedRows: rows.affectedRows }) };
}
