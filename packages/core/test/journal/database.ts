import type { SqlDialectName } from '../../src/journal/dialect.ts';
import type { SqlExecutor } from '../../src/journal/sql.ts';

/** A transaction on a connection of its own. */
export interface OpenTransaction {
  readonly execute: SqlExecutor;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

/** A database server as the journal's tests see it. */
export interface JournalDatabase extends AsyncDisposable {
  readonly dialect: SqlDialectName;
  /** Each statement on a connection of a pool, committed by itself. */
  readonly execute: SqlExecutor;
  begin(): Promise<OpenTransaction>;
}
