import { contractTables, sqlClient } from '@fieldfile/conformance/binding';
import { type ContractDatabase, sqliteContract } from './databases.ts';
import { loaded } from './other-driver.ts';

/** What is used of PGlite. */
export interface PGlite {
  query(
    sql: string,
    parameters?: readonly unknown[],
  ): Promise<{ readonly rows: readonly Readonly<Record<string, unknown>>[] }>;
  exec(sql: string): Promise<unknown>;
  transaction(work: (transaction: unknown) => Promise<unknown>): Promise<unknown>;
  close(): Promise<void>;
}

/** What the contract is told when it asks from another connection while a transaction is open. */
export const ONE_CONNECTION = 'PGlite has one connection, and a transaction is open on it';

export interface PgliteContract {
  readonly client: PGlite;
  open(): Promise<ContractDatabase>;
}

/** PostgreSQL in this process, with the contract's tables, and a journal beside it. */
export async function pgliteContract(): Promise<PgliteContract> {
  const { PGlite } = await loaded<{ readonly PGlite: new () => PGlite }>('@electric-sql/pglite');
  const client = new PGlite();
  let open = 0;
  const { transaction } = client;
  client.transaction = async work => {
    open++;
    try {
      return await transaction.call(client, work);
    } finally {
      open--;
    }
  };
  return {
    client,
    async open() {
      await client.exec(contractTables('postgresql').join(';\n'));
      const { journal, breakJournal, ...beside } = await sqliteContract();
      return {
        url: '',
        journal,
        ...(breakJournal && { breakJournal }),
        other: sqlClient('postgresql', async (sql, parameters) => {
          if (open > 0) throw new Error(ONE_CONNECTION);
          return client.query(sql, parameters);
        }),
        [Symbol.asyncDispose]: () => beside[Symbol.asyncDispose](),
      };
    },
  };
}
