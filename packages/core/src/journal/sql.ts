export type SqlValue = string | number | null;

/** What a statement gave. */
export interface SqlResult {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** Rows written. Needed on MySQL, where no `RETURNING` tells. */
  readonly affectedRows?: number;
}

/** Runs one statement: on a connection of its own (autocommit), or in the transaction it was made for. */
export interface SqlExecutor {
  (sql: string, parameters: readonly SqlValue[]): Promise<SqlResult>;
  /** The library's object whose connections it takes, so that a journal on the rows' own pool is noticed. */
  readonly database?: object;
}

/** As {@link SqlExecutor}, of a driver that answers at once. */
export type SyncSqlExecutor = (sql: string, parameters: readonly SqlValue[]) => SqlResult;
