import { FieldFileError } from '@fieldfile/core';
import { askBeforeCommit, type Begin, type Columns, type TableDriver } from '@fieldfile/core/binding';
import type { SqlExecutor } from '@fieldfile/core/journal';
import { and, type Column, eq, getTableColumns, is, isNull, type SQL, sql, type Table } from 'drizzle-orm';
import { PgTable } from 'drizzle-orm/pg-core';

type Selection = Readonly<Record<string, Column>>;

interface Query extends PromiseLike<Columns[]> {
  from(table: Table): Query;
  set(values: Columns): Query;
  values(values: Columns): Query;
  where(where: SQL): Query;
  orderBy(...by: SQL[]): Query;
  limit(limit: number): Query;
  returning(selection: Selection): Query;
}

/** What databases and transactions of every asynchronous dialect have in common. */
export interface Database {
  select(selection: Selection): Query;
  insert(table: Table): Query;
  update(table: Table): Query;
  delete(table: Table): Query;
  transaction<T>(work: (transaction: Database) => Promise<T>): Promise<T>;
  /** PostgreSQL only. */
  execute?(query: SQL): Promise<{ readonly rows?: readonly Columns[] } | readonly Columns[]>;
  /** SQLite only. */
  all?(query: SQL): Promise<readonly Columns[]>;
  /** What makes SQL text of Drizzle's objects, in the casing that the database was made with. */
  readonly dialect: { sqlToQuery(query: SQL): { readonly sql: string } };
}

/** The database that `withReplicas` writes to: a replica may not know yet what was just written. */
export const primaryOf = (database: object): Database =>
  ('$primary' in database ? database.$primary : database) as Database;

/** What core asks of Drizzle about one table. */
export function drizzleDriver(database: Database, table: Table): TableDriver<Database, SQL> {
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
  return {
    dialect: is(table, PgTable) ? 'postgresql' : 'sqlite',
    select(on, where, { columns, limit } = {}) {
      const query = on
        .select(columns ? pick(columns) : all)
        .from(table)
        .where(where);
      return Promise.resolve(limit === undefined ? query : query.limit(limit));
    },
    async insert(on, values) {
      const [inserted = {}] = await on.insert(table).values(values).returning(all);
      return inserted;
    },
    async update(on, where, values) {
      const [first] = Object.keys(all);
      return (
        await on
          .update(table)
          .set(values)
          .where(where)
          .returning(pick([first as string]))
      ).length;
    },
    delete: (on, where, columns) => Promise.resolve(on.delete(table).where(where).returning(pick(columns))),
    matching(values) {
      const conditions = Object.entries(values).map(([name, value]) =>
        value === null ? isNull(column(name)) : eq(column(name), value),
      );
      return and(...conditions) ?? sql`false`;
    },
    execute: textExecutor,
    tableInSql: () => database.dialect.sqlToQuery(sql`${table}`).sql,
    columnInSql: name => database.dialect.sqlToQuery(sql`${column(name)}`).sql,
    fromDatabase: (name, value) => column(name).mapFromDriverValue(value),
    maxLength(name) {
      const length = /\((\d+)\)/.exec(column(name).getSQLType())?.[1];
      return length === undefined ? undefined : Number(length);
    },
  };
}

/** The transactions of an SQLite database, one after another: a second one at a time is refused as busy. */
const turns = new WeakMap<Database, Promise<unknown>>();

/** Opens a transaction. */
export const begin =
  (database: Database): Begin<Database> =>
  work => {
    if (database.execute)
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
 * Runs SQL text: what `SqlJournal` takes as `execute`, made of a PostgreSQL database on a pool of its own.
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
    const parts = text.split(database.execute ? /\$\d+/ : /\?/).flatMap((part, index) => {
      const value = parameters[index];
      return value === undefined ? [sql.raw(part)] : [sql.raw(part), sql`${value}`];
    });
    const query = sql.join(parts);
    if (!database.execute) return { rows: (await database.all?.(query)) ?? [] };
    const result = await database.execute(query);
    return { rows: 'rows' in result ? (result.rows ?? []) : (result as readonly Columns[]) };
  };
  return Object.assign(execute, { database: db });
}
