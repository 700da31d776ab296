import { contractTables, sqlClient } from '@fieldfile/conformance/binding';
import { journalTable, SqlJournal } from '@fieldfile/core/journal';
import pg from 'pg';
import { CommitProxy } from '../postgres/commit-proxy.ts';
import { startPostgres } from '../postgres/server.ts';
import { type ServerContract, startedOnce } from './started-contract.ts';

/**
 * A PostgreSQL database for the contract.
 *
 * @example
 * ```ts
 * import { postgresContract } from '@fieldfile/test-servers/databases';
 * import { afterAll } from 'vitest';
 *
 * const postgres = postgresContract();
 * afterAll(() => postgres[Symbol.asyncDispose]());
 * ```
 */
export const postgresContract = (): ServerContract => startedOnce(start);

async function start(): Promise<ServerContract> {
  const server = await startPostgres();
  const url = await server.createDatabase();
  const proxy = await CommitProxy.start(url);
  const pool = new pg.Pool({ connectionString: url });
  pool.on('error', () => {}); // idle connections end with the server
  const execute = async (sql: string, parameters: readonly unknown[] = []) => {
    const { rows } = await pool.query(sql, [...parameters]);
    return { rows };
  };
  return {
    async open() {
      await pool.query(endLeftovers);
      const tables = [...contractTables('postgresql'), 'DROP TABLE IF EXISTS fieldfile_journal'];
      await pool.query([...tables, ...journalTable('postgresql')].join(';\n'));
      const journal = new SqlJournal({ dialect: 'postgresql', execute });
      return {
        url: proxy.url,
        journal,
        other: sqlClient('postgresql', execute),
        async breakJournal() {
          await pool.query('ALTER TABLE fieldfile_journal RENAME TO gone');
          return async () => {
            await pool.query('ALTER TABLE gone RENAME TO fieldfile_journal');
          };
        },
        loseCommit: when => proxy.loseCommit(when),
        async [Symbol.asyncDispose]() {},
      };
    },
    async [Symbol.asyncDispose]() {
      await pool.end();
      await proxy[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** A behaviour that failed may leave transactions open: their locks are not for the next to meet. */
const endLeftovers = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL AND backend_type = 'client backend'`;
