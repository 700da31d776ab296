export type { Binding, ColumnValues, RowKey, UpdateOptions } from './binding/binding.ts';
export { type ConfigureOptions, configure } from './configure.ts';
export type { Bytes } from './content/content.ts';
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
export { OwnerCollectedError } from './errors/owner-collected-error.ts';
export { columnValue } from './field/column-value.ts';
export { type Declared, defineFiles, type FileKey } from './field/define-files.ts';
export type {
  Content,
  FieldFile,
  FileInput,
  FileReference,
  FileUrlOptions,
  NewFile,
  SaveOptions,
  StoredFile,
} from './field/field-file.ts';
export type { FieldOptions, FileColumns, UploadTo } from './field/field-options.ts';
export type { AnyFileField, FileField } from './field/file-field.ts';
export { type ClassOf, type Model, model } from './field/model.ts';
export { existing, file, noFile } from './field/new-file.ts';
export type { SqlDialectName } from './journal/dialect.ts';
export type {
  EntryState,
  Intent,
  Journal,
  JournalEntry,
  ReferringField,
  Taking,
} from './journal/journal.ts';
export { fileIndex, journalTable } from './journal/journal-table.ts';
export {
  type RecoverContinuouslyOptions,
  type RecoveredEntry,
  type RecoverOptions,
  type RecoverReport,
  type Recovery,
  recover,
  recoverContinuously,
} from './journal/recover.ts';
export type { SqlExecutor, SqlResult, SqlValue } from './journal/sql.ts';
export { SqlJournal, type SqlJournalOptions } from './journal/sql-journal.ts';
export { FileScope, type ScopedChange, type ScopeOutcome } from './lifecycle/file-scope.ts';
export { isUnwritten, type RowChanges, rowChanges } from './lifecycle/row-changes.ts';
export { type RowRemoval, rowRemoval } from './lifecycle/row-removal.ts';
export { type UploadOptions, upload } from './lifecycle/upload.ts';
export type { NamePolicy } from './names/name-policy.ts';
export type * from './storage/backend.ts';
export type {
  Bound,
  HasLocalPath,
  PublishesUrls,
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
export { type Prefixed, withPrefix } from './storage/wrappers/prefix.ts';
export { type ReadOnly, readOnly } from './storage/wrappers/read-only.ts';
export {
  QUARANTINE,
  type SweepFinding,
  type SweepOptions,
  type SweepProgress,
  type SweepReport,
  sweep,
} from './sweep/sweep.ts';
