/** What a query builder's package needs to give plain rows files. Applications need none of it. */
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
export { OWNER } from './ownership/owner-record.ts';
