export { type FileColumn, type FileColumnOptions, FileType, fileColumn } from './file-column.ts';
export { MikroOrmFiles, type MikroOrmFilesOptions } from './mikro-orm-files.ts';
export { sqlExecutor } from './sql-executor.ts';
