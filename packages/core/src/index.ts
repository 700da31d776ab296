export type { Bytes } from './content/content.ts';
export type { LocalFile } from './content/local-file.ts';
export {
  type Applied,
  type ErrorCode,
  FieldFileError,
  type FieldFileErrorOptions,
  isFieldFileError,
} from './errors/field-file-error.ts';
export type { NamePolicy } from './names/name-policy.ts';
export type {
  ObjectWrite,
  OpenedObject,
  OpenObjectOptions,
  ReplaceObjectOptions,
  RetryOptions,
  SaveObjectOptions,
  StorageOptions,
} from './storage/storage-options.ts';
export { isStorage, Storage } from './storage/storage.ts';
export type { OperationEvent } from './storage/diagnostics.ts';
export type { Listing, ListObjectsOptions } from './storage/storage-options.ts';
