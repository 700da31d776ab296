/** What a package needs that binds an ORM or a query builder. Applications need none of it. */
export type { Binding, ColumnValues, UpdateOptions } from './binding/binding.ts';
export {
  type Columns,
  type NamesPage,
  type TableDriver,
  TableFiles,
  type TableFilesOptions,
} from './binding/table-files.ts';
export {
  type CurrentTransaction,
  type TransactionOptions,
  Transactions,
  wasRefused,
} from './binding/transactions.ts';
export { FileScope, type ScopedChange, type ScopeOutcome } from './change/file-scope.ts';
export { isUnwritten, type RowChanges, rowChanges } from './change/row-changes.ts';
export { type RowRemoval, rowRemoval } from './change/row-removal.ts';
export { columnValue } from './field/column-value.ts';
export { OWNER } from './ownership/owner-record.ts';
