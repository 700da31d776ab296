import type { SqlExecutor, SqlValue } from '@fieldfile/core/journal';
import mysql, {
  type Pool,
  type PoolConnection,
  type ResultSetHeader,
  type RowDataPacket,
} from 'mysql2/promise';
import { CommitFailed, type Database } from './database.ts';

/** Rows in MariaDB or MySQL. */
export function mariadbDatabase(uri: string, socketPath: string | undefined): Database {
  const pool = mysql.createPool({ uri, ...(socketPath && { socketPath }), connectionLimit: 3 });
  return {
    dialect: 'mariadb',
    execute: executor(pool),
    async transaction(work) {
      const connection = await pool.getConnection();
      let isBroken = false;
      try {
        await connection.query('BEGIN');
        const result = await work(executor(connection));
        await connection.query('COMMIT').catch(error => {
          throw hasVerdict(error) ? error : new CommitFailed('COMMIT had no answer.', { cause: error });
        });
        return result;
      } catch (error) {
        isBroken = error instanceof CommitFailed;
        if (!isBroken)
          await connection.query('ROLLBACK').catch(() => {
            isBroken = true;
          });
        throw error;
      } finally {
        if (isBroken) connection.destroy();
        else connection.release();
      }
    },
    async deadlock(sql) {
      const { deadlock } = await import('@fieldfile/test-servers/mariadb');
      await deadlock(pool, text => sql(text, []));
    },
    async uptimeSeconds() {
      const [rows] = await pool.query<RowDataPacket[]>("SHOW GLOBAL STATUS LIKE 'Uptime'");
      return Number(rows[0]?.Value);
    },
    async [Symbol.asyncDispose]() {
      await pool.end();
    },
  };
}

/** The server has answered, and not that it ends the connection. */
const hasVerdict = ({ sqlState }: { readonly sqlState?: unknown }): boolean =>
  typeof sqlState === 'string' && !sqlState.startsWith('08');

function executor(connection: Pool | PoolConnection): SqlExecutor {
  return async (sql, parameters) => {
    const [result] = await connection.query<RowDataPacket[] | ResultSetHeader>(sql, [
      ...parameters,
    ] as SqlValue[]);
    return Array.isArray(result) ? { rows: result } : { rows: [], affectedRows: result.affectedRows };
  };
}
