import type { SqlExecutor, SqlValue } from '@fieldfile/core/journal';
import pg from 'pg';
import { CommitFailed, type Database } from './database.ts';

/** Rows in PostgreSQL. */
export function postgresDatabase(connectionString: string): Database {
  const pool = new pg.Pool({ connectionString, max: 3 });
  // A connection that was cut: whoever uses it is told, and the next query takes another.
  pool.on('error', () => {}).on('connect', client => client.on('error', () => {}));
  const executor = (queryable: pg.Pool | pg.PoolClient): SqlExecutor => {
    return async (sql, parameters) => queryable.query(numbered(sql), parameters as SqlValue[]);
  };
  return {
    dialect: 'postgresql',
    execute: executor(pool),
    async transaction(work) {
      const client = await pool.connect();
      let failure: Error | undefined;
      try {
        await client.query('BEGIN');
        const result = await work(executor(client));
        await client.query('COMMIT').catch(error => {
          throw isVerdict(error) ? error : new CommitFailed('COMMIT had no answer.', { cause: error });
        });
        return result;
      } catch (error) {
        failure = error instanceof CommitFailed ? error : undefined;
        if (!failure) await client.query('ROLLBACK').catch(broken => (failure = broken));
        throw error;
      } finally {
        client.release(failure);
      }
    },
    async [Symbol.asyncDispose]() {
      await pool.end();
    },
  };
}

/** A server that goes down says so in class 57, which is no word on the transaction. */
const isVerdict = ({ code }: { readonly code?: unknown }): boolean =>
  typeof code === 'string' && code.length === 5 && !code.startsWith('57') && !code.startsWith('08');

function numbered(sql: string): string {
  let index = 0;
  return sql.replaceAll('?', () => `$${++index}`);
}
