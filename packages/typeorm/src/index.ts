export { type FileColumnOptions, fileColumn } from './file-column.ts';
export { sqlExecutor } from './sql-executor.ts';
export { TypeormFiles, type TypeormFilesOptions } from './typeorm-files.ts';
