import { createRequire } from 'node:module';
import type { SqlExecutor } from '@fieldfile/core/journal';
import { sqlExecutor } from '@fieldfile/kysely';
import { Kysely, type SqliteDatabase, SqliteDialect } from 'kysely';
import type { Database } from './database.ts';

interface BetterSqlite extends SqliteDatabase {
  pragma(text: string): unknown;
}

/** It has no types of its own. */
const BetterSqlite = createRequire(import.meta.url)('better-sqlite3') as new (
  path: string,
  options: { readonly timeout: number },
) => BetterSqlite;

/** Rows in an SQLite file, by Kysely on better-sqlite3: a driver that answers at once, in transactions that wait. */
export function kyselyDatabase(path: string): Database {
  const connection = new BetterSqlite(path, { timeout: 30_000 });
  connection.pragma('journal_mode = WAL');
  connection.pragma('synchronous = OFF');
  const { prepare } = connection;
  // Kysely begins as a reader, who is refused where another process has written before the first write.
  connection.prepare = text => prepare.call(connection, text === 'begin' ? 'begin immediate' : text);
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: connection }) });
  const alone = sqlExecutor(db);
  let inTransaction: SqlExecutor | undefined;
  return {
    dialect: 'sqlite',
    // There is one connection: what is asked while a transaction is open is asked in it.
    execute: (sql, parameters) => (inTransaction ?? alone)(sql, parameters),
    transaction: work =>
      db.transaction().execute(async transaction => {
        const execute = sqlExecutor(transaction);
        inTransaction = execute;
        try {
          return await work(execute);
        } finally {
          inTransaction = undefined;
        }
      }),
    [Symbol.asyncDispose]: () => db.destroy(),
  };
}
