export { sqlExecutor } from './driver.ts';
export {
  type DrizzleDatabase,
  DrizzleFiles,
  type DrizzleFilesOptions,
  type FileTable,
  type TransactionOf,
} from './drizzle-files.ts';
