import { DatabaseSync } from 'node:sqlite';
import type { SqlExecutor } from '@fieldfile/core/journal';
import type { Database } from './database.ts';

/** Rows in an SQLite file, through one connection. */
export function sqliteDatabase(path: string): Database {
  const connection = new DatabaseSync(path, { timeout: 30_000 });
  // A process that dies takes nothing with it that was written; power cuts are the simulated disk's.
  connection.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF');
  const execute: SqlExecutor = async (sql, parameters) => ({
    rows: connection.prepare(sql).all(...parameters),
  });
  return {
    dialect: 'sqlite',
    execute,
    async transaction(work) {
      connection.exec('BEGIN IMMEDIATE');
      try {
        const result = await work(execute);
        connection.exec('COMMIT');
        return result;
      } catch (error) {
        if (connection.isTransaction) connection.exec('ROLLBACK');
        throw error;
      }
    },
    async [Symbol.asyncDispose]() {
      connection.close();
    },
  };
}
