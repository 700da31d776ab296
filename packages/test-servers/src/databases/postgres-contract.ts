import { contractTables, sqlClient } from '@fieldfile/conformance/binding';
import { journalTable, SqlJournal } from '@fieldfile/core/journal';
import pg from 'pg';
import { CommitProxy } from '../postgres/commit-proxy.ts';
import { startPostgres } from '../postgres/server.ts';
import type { ContractDatabase } from './contract-database.ts';

/** One PostgreSQL database for a file of tests; `open` starts the server when it is needed, and empties the database. */
export interface PostgresContract extends AsyncDisposable {
  open(): Promise<ContractDatabase>;
}

/**
 * A PostgreSQL database for the contract. A run that leaves its tests out, as the quick one does, starts no server.
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
export function postgresContract(): PostgresContract {
  let started: Promise<PostgresContract> | undefined;
  return {
    async open() {
      started ??= start();
      return (await started).open();
    },
    async [Symbol.asyncDispose]() {
      await (await started)?.[Symbol.asyncDispose]();
    },
  };
}

async function start(): Promise<PostgresContract> {
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
