import type { SyncBegin } from '@fieldfile/core/binding';
import type { SyncSqlExecutor } from '@fieldfile/core/journal';
import type { SQL } from 'drizzle-orm';
import type { Database } from './database.ts';
import { inPieces } from './in-pieces.ts';

/** As SQLite has it: `immediate` and `exclusive` wait for other writers when the transaction begins, `deferred` at its first write. */
export type TransactionBehavior = 'deferred' | 'immediate' | 'exclusive';

/** What databases of synchronous drivers have, and those of asynchronous ones have otherwise. */
interface SyncDatabase {
  transaction<T>(work: (transaction: Database) => T, options: { readonly behavior: TransactionBehavior }): T;
  all(query: SQL): readonly Readonly<Record<string, unknown>>[];
  run(query: SQL): unknown;
  /** Of better-sqlite3 and Bun. */
  readonly $client?: { readonly inTransaction?: boolean };
}

/** Opens a transaction. */
export const beginSync =
  (database: Database, behavior: TransactionBehavior = 'immediate'): SyncBegin<Database> =>
  work =>
    synchronous(database).transaction(work, { behavior });

/** What tells whether a transaction is open on the connection, if the driver does. */
export function transactionWatch(database: Database): (() => boolean) | undefined {
  const { $client: client } = synchronous(database);
  return typeof client?.inTransaction === 'boolean' ? () => client.inTransaction === true : undefined;
}

/** Runs SQL text at once. These drivers have one call for statements that give rows, and another for those that give none. */
export const syncExecutor =
  (db: Database): SyncSqlExecutor =>
  (text, parameters) => {
    const query = inPieces(text.split('?'), parameters);
    if (/^\s*select\b|\breturning\b/i.test(text)) return { rows: synchronous(db).all(query) };
    synchronous(db).run(query);
    return { rows: [] };
  };

const synchronous = (database: Database): SyncDatabase => database as unknown as SyncDatabase;
