export type { SftpStorageOptions } from './options.ts';
export { SftpStorage } from './storage.ts';
