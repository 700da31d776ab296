import type { SqlExecutor } from '../journal/sql.ts';

/**
 * Right before COMMIT. Where a statement had failed, PostgreSQL answers COMMIT with a ROLLBACK and no error, and few
 * libraries tell. Any other statement is refused then, with what core knows as a rollback (25P02).
 *
 * @param execute in the transaction.
 * @throws what the database says.
 */
export async function askBeforeCommit(execute: SqlExecutor): Promise<void> {
  await execute('SELECT 1', []);
}
