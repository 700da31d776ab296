import type { SqlExecutor, SqlValue } from '@fieldfile/core/journal';
import type { ContractDialect } from './contract-tables.ts';
import type { OtherClient, StoredDocument } from './options.ts';

/**
 * The other client of the contract, in SQL.
 *
 * @param execute runs one statement on a connection that is not the ORM's; `$1` stands for PostgreSQL's parameters, `?` for
 * those of the others.
 */
export function sqlClient(dialect: ContractDialect, execute: SqlExecutor): OtherClient {
  const run = async (
    sql: string,
    parameters: readonly SqlValue[] = [],
  ): Promise<readonly Readonly<Record<string, unknown>>[]> => {
    let index = 0;
    const text = dialect !== 'postgresql' ? sql : sql.replaceAll('?', () => `$${++index}`);
    return (await execute(text, parameters)).rows;
  };
  return {
    async rows() {
      const found = await run('SELECT id, name, avatar, cover, size, version FROM documents ORDER BY id');
      return found as readonly unknown[] as readonly StoredDocument[];
    },
    async pageNames() {
      const found = await run('SELECT avatar FROM pages WHERE avatar IS NOT NULL ORDER BY avatar');
      return found.map(({ avatar }) => avatar as string);
    },
    async insert(values) {
      const columns = Object.entries(values) as [string, SqlValue][];
      const sql = `INSERT INTO documents (${columns.map(([column]) => column)}) VALUES (${columns.map(() => '?')})`;
      const given = columns.map(([, value]) => value);
      if (dialect !== 'mysql') return (await run(`${sql} RETURNING id`, given))[0]?.id as number;
      await run(sql, given); // MySQL returns nothing; nobody else inserts meanwhile
      return values.id ?? ((await run('SELECT max(id) AS id FROM documents'))[0]?.id as number);
    },
    async update(id, values) {
      const columns = Object.entries(values) as [string, SqlValue][];
      await run(`UPDATE documents SET ${columns.map(([column]) => `${column} = ?`)} WHERE id = ?`, [
        ...columns.map(([, value]) => value),
        id,
      ]);
    },
    async remove(id) {
      await run('DELETE FROM documents WHERE id = ?', [id]);
    },
    ...(dialect === 'postgresql' && {
      async openTransactions() {
        const found = await run(
          `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL AND backend_type = 'client backend'`,
        );
        return found.length;
      },
    }),
    ...((dialect === 'mysql' || dialect === 'mariadb') && {
      async openTransactions() {
        const found = await run(
          'SELECT trx_id FROM information_schema.innodb_trx WHERE trx_mysql_thread_id <> connection_id()',
        );
        return found.length;
      },
    }),
  };
}
