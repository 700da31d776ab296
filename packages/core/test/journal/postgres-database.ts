import { startPostgres } from '@fieldfile/test-servers/postgres';
import pg from 'pg';
import type { JournalDatabase } from './database.ts';

export async function postgresDatabase(): Promise<JournalDatabase> {
  const server = await startPostgres();
  const pool = new pg.Pool({ connectionString: await server.createDatabase(), max: 20 });
  pool.on('error', () => {}); // the database goes before an idle connection has
  return {
    dialect: 'postgresql',
    execute: (sql, parameters) => pool.query(sql, [...parameters]),
    async begin() {
      const client = await pool.connect();
      await client.query('BEGIN');
      const end = async (command: string): Promise<void> => {
        await client.query(command);
        client.release();
      };
      return {
        execute: (sql, parameters) => client.query(sql, [...parameters]),
        commit: () => end('COMMIT'),
        rollback: () => end('ROLLBACK'),
      };
    },
    async [Symbol.asyncDispose]() {
      await pool.end();
      await server[Symbol.asyncDispose]();
    },
  };
}
