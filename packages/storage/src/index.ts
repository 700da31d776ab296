export { type ConfigureOptions, configure } from './configure.ts';
export type { Content } from './content/content.ts';
export type { ComputableDigest } from './content/digest.ts';
export type { LocalFile } from './content/local-file.ts';
export type { Source } from './content/source.ts';
export {
  type Applied,
  type ErrorCode,
  FieldFileError,
  type FieldFileErrorOptions,
  isFieldFileError,
} from './errors/field-file-error.ts';
export type {
  Backend,
  ByteRange,
  CallOptions,
  Digest,
  DigestAlgorithm,
  ListedObject,
  ObjectInfo,
  ObjectVersion,
  UploadProgress,
  UrlKind,
  Visibility,
  WriteId,
} from './storage/backend.ts';
export type {
  Bound,
  HasLocalPath,
  ObjectUrlOptions,
  PublishesUrls,
  ResponseHeaders,
  SignedUpload,
  SignedUploadOptions,
  SignsUploads,
  SignsUrls,
  UrlOptions,
} from './storage/capabilities.ts';
export type { OperationEvent } from './storage/diagnostics.ts';
export { canGivePaths, canPublishUrls, canSignUploads, canSignUrls } from './storage/guards.ts';
export { isStorage, Storage } from './storage/storage.ts';
export type {
  CopyObjectOptions,
  GzipOptions,
  Listing,
  ListObjectsOptions,
  ObjectWrite,
  OpenedObject,
  OpenObjectOptions,
  ReplaceObjectOptions,
  RetryOptions,
  SaveObjectOptions,
  StorageOptions,
} from './storage/storage-options.ts';
export { type StorageAlias, type StorageAliases, type Storages, storages } from './storage/storages.ts';
export { type PrefixOptions, withPrefix } from './wrappers/prefix.ts';
export { readOnly } from './wrappers/read-only.ts';
export type { Wrapped } from './wrappers/wrap-backend.ts';
