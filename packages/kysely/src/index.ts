export { sqlExecutor } from './driver.ts';
export { type FileTable, KyselyFiles, type KyselyFilesOptions, type Where } from './kysely-files.ts';
