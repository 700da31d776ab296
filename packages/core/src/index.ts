/** What an application with rows needs of storage, handed on. */
export {
  type Applied,
  type ByteRange,
  type CallOptions,
  type Content,
  type ErrorCode,
  FieldFileError,
  isFieldFileError,
  type LocalFile,
  type ObjectInfo,
  type ObjectVersion,
  type OpenedObject,
  type OpenObjectOptions,
  type Source,
  Storage,
  type StorageAlias,
  type StorageAliases,
  type Storages,
  storages,
  type UploadProgress,
} from '@fieldfile/storage';
export { type UploadOptions, upload } from './change/upload.ts';
export type {
  ClaimInPartsOptions,
  ClaimOptions,
  ClientPart,
  PartsClaim,
  RedeemOptions,
  SessionClaim,
  UploadClaim,
} from './claim/claim.ts';
export { type ConfigureOptions, configure } from './configure.ts';
export type { Compute, ComputedColumns, ComputedValues } from './field/computed-columns.ts';
export { type Declared, defineFiles, type FileKey } from './field/define-files.ts';
export type {
  FieldFile,
  FileContent,
  FileInput,
  FileReference,
  FileUrlOptions,
  NewFile,
  SaveOptions,
  StagedFile,
  StagedReference,
  StageOptions,
  StoredFile,
} from './field/field-file.ts';
export type { FieldOptions, FileColumns, UploadTo } from './field/field-options.ts';
export type { AnyFileField, FileField } from './field/file-field.ts';
export type { Inspect, InspectedContent, Inspector } from './field/inspection.ts';
export { type ClassOf, type Model, model } from './field/model.ts';
export { adopt, file, noFile } from './field/new-file.ts';
export type { RowKey } from './field/row-key.ts';
export { OwnerCollectedError } from './ownership/owner-collected-error.ts';
