import { FieldFileError } from '@fieldfile/core';
import type { Columns, TableDriver } from '@fieldfile/core/binding';
import type { SqlExecutor } from '@fieldfile/core/journal';
import {
  and,
  asc,
  type Column,
  eq,
  getTableColumns,
  gt,
  is,
  isNull,
  type SQL,
  sql,
  type Table,
} from 'drizzle-orm';
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
}

/** What core asks of Drizzle. */
export function drizzleDriver(database: Database, table: Table): TableDriver<Database, SQL> {
  const all = getTableColumns(table);
  const column = (name: string): Column => {
    const found = all[name];
    if (found) return found;
    throw new FieldFileError('invalid-argument', `The table has no column ${JSON.stringify(name)}.`, {
      operation: 'table',
    });
  };
  /** SQLite compares bytes; PostgreSQL does when it is told to. */
  const fileColumn = (name: string): SQL =>
    is(table, PgTable) ? sql`${column(name)} collate "C"` : sql`${column(name)}`;
  const pick = (names: readonly string[]): Selection =>
    Object.fromEntries(names.map(name => [name, column(name)]));
  return {
    database,
    transaction: (outer, work) => (outer ? outer.transaction(work) : begin(database, work)),
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
    named: (field, name) => eq(fileColumn(field), name),
    names(on, { field, after, limit, key }) {
      const name = fileColumn(field);
      const query = on
        .select(pick([...key, field]))
        .from(table)
        .where(gt(name, after));
      return Promise.resolve(query.orderBy(asc(name)).limit(limit));
    },
    execute: on => sqlExecutor(on),
    maxLength(name) {
      const length = /\((\d+)\)/.exec(column(name).getSQLType())?.[1];
      return length === undefined ? undefined : Number(length);
    },
  };
}

/** The transactions of an SQLite database, one after another: a second one at a time is refused as busy. */
const turns = new WeakMap<Database, Promise<unknown>>();

/** Runs work in a transaction of its own. */
export async function begin<T>(database: Database, work: (transaction: Database) => Promise<T>): Promise<T> {
  if (database.execute) return database.transaction(work);
  const turn = (turns.get(database) ?? Promise.resolve()).then(() => database.transaction(work));
  turns.set(
    database,
    turn.catch(() => {}),
  );
  return turn;
}

/**
 * Runs SQL text in PostgreSQL: what `SqlJournal` takes as `execute`.
 *
 * @example
 * ```ts
 * import { SqlJournal } from '@fieldfile/core/journal';
 * import { sqlExecutor } from '@fieldfile/drizzle';
 * import { drizzle } from 'drizzle-orm/node-postgres';
 *
 * const db = drizzle('postgresql://localhost/app');
 * export const journal = new SqlJournal({ dialect: 'postgresql', execute: sqlExecutor(db) });
 * ```
 */
export function sqlExecutor(db: object): SqlExecutor {
  const database = db as Database;
  return async (text, parameters) => {
    if (!database.execute)
      throw new FieldFileError(
        'unsupported',
        'This database runs no journal of its own: use `SqliteJournal`, a file beside it.',
        { operation: 'journal' },
      );
    const parts = text.split(/\$\d+/).flatMap((part, index) => {
      const value = parameters[index];
      return value === undefined ? [sql.raw(part)] : [sql.raw(part), sql`${value}`];
    });
    const result = await database.execute(sql.join(parts));
    return { rows: 'rows' in result ? (result.rows ?? []) : (result as readonly Columns[]) };
  };
}
