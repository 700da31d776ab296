export { sqlExecutor, type Where } from './driver.ts';
export { type FileTable, KnexFiles, type KnexFilesOptions } from './knex-files.ts';
