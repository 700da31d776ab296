export { type RawClient, sqlExecutor } from './client.ts';
export type { FileArgument } from './file-arguments.ts';
export {
  type FilesOf,
  type FilesOfModel,
  type PrismaFiles,
  type PrismaFilesOptions,
  prismaFiles,
  type RunTransaction,
} from './prisma-files.ts';
