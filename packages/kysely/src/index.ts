export { sqlExecutor } from './driver.ts';
export { type FileTable, KyselyFiles, type KyselyFilesOptions, type Where } from './kysely-files.ts';
export { type MigrateFilesOptions, migrateFiles } from './migrate-files.ts';
