import { FieldFileError } from '@fieldfile/core';
import {
  askBeforeCommit,
  type Begin,
  type Columns,
  exactly,
  type TableDriver,
  withoutReturning,
} from '@fieldfile/core/binding';
import type { SqlExecutor, SqlResult } from '@fieldfile/core/journal';
import {
  and,
  type Column,
  entityKind,
  eq,
  getTableColumns,
  isNull,
  or,
  type SQL,
  sql,
  type Table,
} from 'drizzle-orm';

type Selection = Readonly<Record<string, Column>>;

/** Rows, of a query that gives some. */
interface Query extends PromiseLike<Columns[]> {
  from(table: Table): Query;
  set(values: Columns): Query;
  values(values: Columns): Query;
  where(where: SQL): Query;
  orderBy(...by: SQL[]): Query;
  limit(limit: number): Query;
  returning(selection: Selection): Query;
  for(lock: 'update'): Query;
}

/** What MySQL's drivers tell of rows that were written. */
interface Written {
  readonly insertId?: number | bigint;
  readonly affectedRows?: number;
}

/** What databases and transactions of every asynchronous dialect have in common. */
export interface Database {
  select(selection: Selection): Query;
  insert(table: Table): Query;
  update(table: Table): Query;
  delete(table: Table): Query;
  transaction<T>(work: (transaction: Database) => Promise<T>): Promise<T>;
  /** PostgreSQL and MySQL only. */
  execute?(query: SQL): Promise<Answer>;
  /** SQLite only. */
  all?(query: SQL): Promise<readonly Columns[]>;
  /** What makes SQL text of Drizzle's objects, in the casing that the database was made with. */
  readonly dialect: { sqlToQuery(query: SQL): { readonly sql: string } };
}

/** As drivers have it: rows, an object with them, or MySQL's rows and their columns. */
type Answer =
  | { readonly rows?: readonly Columns[] }
  | readonly Columns[]
  | readonly [answer: readonly Columns[] | Written, columns: unknown];

/** The database that `withReplicas` writes to: a replica may not know yet what was just written. */
export const primaryOf = (database: object): Database =>
  ('$primary' in database ? database.$primary : database) as Database;

const DIALECTS: Readonly<Record<string, 'postgresql' | 'mysql' | 'sqlite'>> = {
  PgDialect: 'postgresql',
  MySqlDialect: 'mysql',
  SQLiteAsyncDialect: 'sqlite',
};

/** @throws `unsupported` for a database on which this package was not tried. */
export function dialectOf({ dialect }: Database): 'postgresql' | 'mysql' | 'sqlite' {
  const kind = String(Reflect.get(dialect.constructor, entityKind));
  const found = DIALECTS[kind];
  if (found) return found;
  throw new FieldFileError(
    'unsupported',
    `Files of Drizzle's rows need PostgreSQL, MySQL, MariaDB or SQLite, not ${kind}.`,
    { operation: 'DrizzleFiles' },
  );
}

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
  const driver: Pick<TableDriver<Database, SQL>, 'select' | 'matching'> = {
    select(on, where, { columns, limit, lock } = {}) {
      const query = on
        .select(columns ? pick(columns) : all)
        .from(table)
        .where(where);
      const limited = limit === undefined ? query : query.limit(limit);
      return Promise.resolve(lock ? limited.for('update') : limited);
    },
    matching(rows, expected = {}) {
      const found = or(...rows.map(row => and(...Object.entries(row).map(has))));
      return and(found, ...Object.entries(expected).map(hasStill)) ?? sql`false`;
    },
  };
  return {
    ...driver,
    dialect,
    async insert(on, values) {
      const [inserted = {}] = await on.insert(table).values(values).returning(all);
      return inserted;
    },
    delete: (on, where, columns) => Promise.resolve(on.delete(table).where(where).returning(pick(columns))),
    ...(dialect === 'mysql' &&
      withoutReturning<Database, SQL>(
        {
          ...driver,
          insert: async (on, values) => written(await on.insert(table).values(values)).insertId,
          remove: async (on, where) => on.delete(table).where(where),
        },
        key,
      )),
    async update(on, where, values) {
      const query = on.update(table).set(values).where(where);
      if (dialect === 'mysql') return Number(written(await query).affectedRows);
      const [first] = Object.keys(all);
      return (await query.returning(pick([first as string]))).length;
    },
    execute: textExecutor,
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

/** SQL text with values between its pieces. */
const inPieces = (texts: readonly string[], values: readonly unknown[]): SQL =>
  sql.join(
    texts.flatMap((text, index) =>
      index < values.length ? [sql.raw(text), sql`${values[index]}`] : [sql.raw(text)],
    ),
  );

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
 * Runs SQL text: what `SqlJournal` takes as `execute`, made of a database of PostgreSQL, MySQL or MariaDB on a pool of its own.
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
  if (database.execute) return textExecutor(database);
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
