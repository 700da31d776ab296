import type { SqlDialectName, SqlExecutor } from '@fieldfile/core/journal';

/** How COMMIT failed: the server said that nothing was committed, or nothing at all. */
export class CommitFailed extends Error {
  override readonly name = 'CommitFailed';
}

/** The little of a database that a table and a journal need. Statements are written with `?`. */
export interface Database extends AsyncDisposable {
  readonly dialect: SqlDialectName;
  /** One statement, committed by itself. */
  readonly execute: SqlExecutor;
  /**
   * Runs `work` in a transaction, which is rolled back when it throws.
   * @throws CommitFailed when COMMIT had no answer.
   */
  transaction<T>(work: (sql: SqlExecutor) => Promise<T>): Promise<T>;
  /** Ends the transaction of `sql` by a deadlock with another one. Left out where no deadlock ends a transaction. */
  deadlock?(sql: SqlExecutor): Promise<void>;
  /** How long the server has been running. Left out where it is never killed. */
  uptimeSeconds?(): Promise<number>;
}
