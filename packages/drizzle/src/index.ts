export { sqlExecutor } from './driver.ts';
export {
  type DrizzleDatabase,
  DrizzleFiles,
  type DrizzleFilesOptions,
  type FileTable,
  type FileTableOf,
  type SyncFileTable,
  type SyncTransactionOf,
  type SyncTransactionOptions,
  type TransactionOf,
} from './drizzle-files.ts';
export type { TransactionBehavior } from './synchronous.ts';
