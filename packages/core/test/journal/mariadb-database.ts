import { startMariadb } from '@fieldfile/test-servers/mariadb';
import mysql, { type PoolConnection, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';
import type { SqlExecutor } from '../../src/journal/sql.ts';
import type { JournalDatabase } from './database.ts';

export async function mariadbDatabase(): Promise<JournalDatabase> {
  const server = await startMariadb();
  const pool = mysql.createPool({ ...(await server.createDatabase()), connectionLimit: 20 });
  return {
    dialect: 'mariadb',
    execute: executor(pool),
    async begin() {
      const connection = await pool.getConnection();
      await connection.beginTransaction();
      return {
        execute: executor(connection),
        commit: () => connection.commit().then(() => connection.release()),
        rollback: () => connection.rollback().then(() => connection.release()),
      };
    },
    async [Symbol.asyncDispose]() {
      await pool.end();
      await server[Symbol.asyncDispose]();
    },
  };
}

function executor(connection: Pick<PoolConnection, 'query'>): SqlExecutor {
  return async (sql, parameters) => {
    const [result] = await connection.query<RowDataPacket[] | ResultSetHeader>(sql, [...parameters]);
    return Array.isArray(result) ? { rows: result } : { rows: [], affectedRows: result.affectedRows };
  };
}
