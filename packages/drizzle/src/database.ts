import { FieldFileError } from '@fieldfile/core';
import type { Columns } from '@fieldfile/core/binding';
import { type Column, entityKind, type SQL, type Table } from 'drizzle-orm';

export type Selection = Readonly<Record<string, Column>>;

/** Rows, of a query that gives some. */
export interface Query extends PromiseLike<Columns[]> {
  from(table: Table): Query;
  set(values: Columns): Query;
  values(values: Columns): Query;
  where(where: SQL): Query;
  orderBy(...by: SQL[]): Query;
  limit(limit: number): Query;
  returning(selection: Selection): Query;
  for(lock: 'update'): Query;
  /** Of a synchronous driver. */
  all(): readonly Columns[];
}

/** What MySQL's drivers tell of rows that were written. */
export interface Written {
  readonly insertId?: number | bigint;
  readonly affectedRows?: number;
}

/** What databases and transactions of every dialect have in common. */
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
export type Answer =
  | { readonly rows?: readonly Columns[] }
  | readonly Columns[]
  | readonly [answer: readonly Columns[] | Written, columns: unknown];

/** The database that `withReplicas` writes to: a replica may not know yet what was just written. */
export const primaryOf = (database: object): Database =>
  ('$primary' in database ? database.$primary : database) as Database;

/** Whether a database, or a transaction, answers at once: better-sqlite3, Bun's SQLite, sql.js. */
export const isSynchronous = ({ dialect }: Pick<Database, 'dialect'>): boolean =>
  Reflect.get(dialect.constructor, entityKind) === 'SQLiteSyncDialect';

const DIALECTS: Readonly<Record<string, 'postgresql' | 'mysql' | 'sqlite'>> = {
  PgDialect: 'postgresql',
  MySqlDialect: 'mysql',
  SQLiteAsyncDialect: 'sqlite',
  SQLiteSyncDialect: 'sqlite',
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

/** Drivers that send each statement by itself, by their sessions, and what to take in their place. */
const WITHOUT_TRANSACTIONS: Readonly<Record<string, readonly [driver: string, fix: string]>> = {
  NeonHttpSession: ['drizzle-orm/neon-http', 'use drizzle-orm/neon-serverless, which speaks WebSocket'],
  XataHttpSession: ['drizzle-orm/xata-http', 'use drizzle-orm/node-postgres with the same database'],
  PgRemoteSession: ['drizzle-orm/pg-proxy', 'connect by drizzle-orm/node-postgres or postgres-js'],
  MySqlRemoteSession: ['drizzle-orm/mysql-proxy', 'connect by drizzle-orm/mysql2'],
  SQLiteD1Session: ['drizzle-orm/d1', 'keep rows with files in another database, such as libsql (Turso)'],
};

/** @throws `unsupported` for a driver that has no transactions: row and file could not change together. */
export function refuseWithoutTransactions(database: Database): void {
  const { session } = database as { readonly session?: object };
  const kind = session && String(Reflect.get(session.constructor, entityKind));
  const [driver, fix] = (kind !== undefined && WITHOUT_TRANSACTIONS[kind]) || [];
  if (!driver) return;
  throw new FieldFileError(
    'unsupported',
    `${driver} has no transactions, and a row and its file change in one: ${fix}.`,
    { operation: 'DrizzleFiles' },
  );
}
