/** What a package needs that binds an ORM or a query builder. Applications need none of it. */
export { type Anchor, type AnchoredTransaction, savepointAnchor } from './binding/anchor.ts';
export { askBeforeCommit } from './binding/ask-before-commit.ts';
export type { Binding, ColumnValues, UpdateOptions } from './binding/binding.ts';
export { type ByBytes, byBytes, type Condition, exactly, type Ordering } from './binding/by-bytes.ts';
export { type ConnectionDriver, ConnectionTransactions } from './binding/connection-transactions.ts';
export type { Flush, FlushLevels, RowToFlush } from './binding/flush.ts';
export { LastFailures } from './binding/last-failures.ts';
export type { Level } from './binding/level.ts';
export { LibraryTransactions, type LibraryTransactionsOptions } from './binding/library-transactions.ts';
export {
  type ColumnInSql,
  type NameQueries,
  type NameQueriesOptions,
  nameQueries,
} from './binding/name-queries.ts';
export { wasRefused } from './binding/refusals.ts';
export { refuseOwnPool } from './binding/refuse-own-pool.ts';
export type { RowsDatabase } from './binding/rows-database.ts';
export { savepoint, savepointSync } from './binding/savepoint.ts';
export type { Awaitable, Steps } from './binding/steps.ts';
export {
  type SyncBegin,
  SynchronousDatabase,
  type SynchronousDatabaseOptions,
} from './binding/synchronous-database.ts';
export { TableDatabase, type TableDatabaseOptions } from './binding/table-database.ts';
export {
  type Columns,
  type TableDriver,
  TableFiles,
  type TableFilesOptions,
} from './binding/table-files.ts';
export {
  type AnchoredOptions,
  type Begin,
  type TransactionOptions,
  Transactions,
  type TransactionsOptions,
} from './binding/transactions.ts';
export { type WithoutReturning, withoutReturning } from './binding/without-returning.ts';
export {
  type RowTransaction,
  type RowWriting,
  type WriteRowsOptions,
  writeRows,
} from './binding/write-rows.ts';
export { afterEnd } from './change/after-end.ts';
export { FileScope, type ScopedChange, type ScopeOutcome } from './change/file-scope.ts';
export { type ColumnsBefore, RowsBefore, rekey } from './change/filled-columns.ts';
export {
  dropAssigned,
  hasUnwritten,
  isUnwritten,
  type RowChanges,
  rowChanges,
} from './change/row-changes.ts';
export { rowConflict } from './change/row-conflict.ts';
export { type RowRemoval, rowRemoval } from './change/row-removal.ts';
export { uploadOrUndo } from './change/upload.ts';
export { columnValue } from './field/column-value.ts';
export { pickKey } from './field/model.ts';
export { ownName } from './field/own-name.ts';
export { OWNER } from './ownership/owner-record.ts';
