import { contractTables, sqlClient } from '@fieldfile/conformance/binding';
import { journalTable, SqlJournal } from '@fieldfile/core/journal';
import mysql, { type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';
import { startMariadb } from '../mariadb.ts';
import { CommitProxy } from '../postgres/commit-proxy.ts';
import { deadlock, deadlockTable } from './deadlock.ts';
import { type ServerContract, startedOnce } from './started-contract.ts';

/**
 * A MariaDB database for the contract, or one of the server that `FIELDFILE_TEST_MYSQL_URL` names. `mariadbMissing` tells
 * where there is none.
 *
 * @example
 * ```ts
 * import { mariadbContract } from '@fieldfile/test-servers/databases';
 * import { afterAll } from 'vitest';
 *
 * const mariadb = mariadbContract();
 * afterAll(() => mariadb[Symbol.asyncDispose]());
 * ```
 */
export const mariadbContract = (): ServerContract => startedOnce(start);

async function start(): Promise<ServerContract> {
  const server = await startMariadb();
  const database = await server.createDatabase();
  const proxy = await CommitProxy.start(database.uri, database);
  const pool = mysql.createPool({ ...database });
  const execute = async (sql: string, parameters: readonly unknown[] = []) => {
    const [result] = await pool.query<RowDataPacket[] | ResultSetHeader>(sql, [...parameters]);
    return Array.isArray(result) ? { rows: result } : { rows: [], affectedRows: result.affectedRows };
  };
  const dialect = await dialectOf(execute);
  return {
    async open() {
      await endLeftovers(execute);
      const tables = [...contractTables(dialect), 'DROP TABLE IF EXISTS fieldfile_journal'];
      for (const statement of [...tables, ...journalTable(dialect), ...deadlockTable])
        await execute(statement);
      return {
        url: proxy.url,
        journal: new SqlJournal({ dialect, execute }),
        other: sqlClient(dialect, execute),
        async breakJournal() {
          await execute('RENAME TABLE fieldfile_journal TO gone');
          return async () => {
            await execute('RENAME TABLE gone TO fieldfile_journal');
          };
        },
        loseCommit: when => proxy.loseCommit(when),
        async endTransaction(sql, how) {
          if (how === 'connection') await loseConnection(execute, sql);
          else if (how === 'silently') await sql('CREATE TABLE IF NOT EXISTS changed (id integer)');
          else await deadlock(pool, sql);
        },
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

/** Ends the connection that runs `sql`: it is found by a lock that it has. */
async function loseConnection(execute: Execute, sql: (text: string) => Promise<unknown>): Promise<void> {
  const lock = crypto.randomUUID();
  await sql(`SELECT GET_LOCK('${lock}', 0) AS locked`);
  const { rows } = await execute(`SELECT IS_USED_LOCK('${lock}') AS id`);
  await execute(`KILL ${Number(rows[0]?.id)}`);
}

type Execute = (
  sql: string,
  parameters?: readonly unknown[],
) => Promise<{ readonly rows: readonly Readonly<Record<string, unknown>>[] }>;

async function dialectOf(execute: Execute): Promise<'mysql' | 'mariadb'> {
  const { rows } = await execute('SELECT version() AS version');
  return String(rows[0]?.version).includes('MariaDB') ? 'mariadb' : 'mysql';
}

/** A behaviour that failed may leave transactions open: their locks are not for the next to meet. */
async function endLeftovers(execute: Execute): Promise<void> {
  const { rows } = await execute(
    'SELECT id FROM information_schema.processlist WHERE db = database() AND id <> connection_id() AND id IN (SELECT trx_mysql_thread_id FROM information_schema.innodb_trx)',
  );
  for (const { id } of rows) await execute(`KILL ${Number(id)}`).catch(() => {}); // it may have ended by now
}
