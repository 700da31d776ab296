export type { SignedRequest, SigningKey } from '@fieldfile/storage/backend';
export { type BoundOnDisk, FileSystemBackend } from './backend.ts';
export type { Durability, FileSystemStorageOptions } from './options.ts';
export { FileSystemStorage } from './storage.ts';
