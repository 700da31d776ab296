/** What only who writes a `Backend` needs; the words it shares with applications are in `@fieldfile/storage`. */
export { ChunkGarbage, paceCollection } from './content/chunk-garbage.ts';
export { collectBytes, READ_AT_ONCE_BYTES } from './content/collect-bytes.ts';
export { contentTypeOf } from './content/content-type.ts';
export { runningDigest } from './content/digest.ts';
export { KeptBeginning } from './content/kept-beginning.ts';
export { isNodeStream, type NodeStream } from './content/node-stream.ts';
export { isReadableStream } from './content/one-shot-source.ts';
export type { RunningDigest } from './content/running-digest.ts';
export { isSource, toSource } from './content/to-source.ts';
export { type FailedCall, type Meaning, serviceFailure } from './errors/service-failure.ts';
export { withoutPassword, withoutUser } from './errors/without-password.ts';
export type { FileServer, FoundFile } from './files/file-server.ts';
export { FilesBackend, type FilesBackendOptions, objectInfo } from './files/files-backend.ts';
export { listTree, type Tree, type TreeFolder } from './files/list-tree.ts';
export { type ReadableFile, readByPosition } from './files/read-by-position.ts';
export { type WritableFile, writeByPosition } from './files/write-by-position.ts';
export { firstFree } from './names/first-free.ts';
export { isMistakenFor } from './names/mistaken-for.ts';
export { isObjectName, type ObjectName, objectName } from './names/object-name.ts';
export { compareUtf8, sortUtf8 } from './names/utf8-order.ts';
export {
  type BoundByOwnKey,
  checkOwnUrlOptions,
  OWN_URL_OPTIONS,
  type OwnUrlContext,
  type OwnUrlOptions,
  OwnUrls,
} from './signing/own-urls.ts';
export type { SignedRequest } from './signing/signed-address.ts';
export {
  openToken,
  type SigningKey,
  sealToken,
  signingKeys,
  type TokenScope,
} from './signing/token.ts';
export { abortedError, throwIfAborted, untilAborted } from './storage/abort.ts';
export { checkObjectParameters, checkUploadName, STORAGE_OPTIONS } from './storage/arguments.ts';
export type {
  BackendLimits,
  Candidates,
  ListOptions,
  ListOrder,
  ListPage,
  ReadOptions,
  ReadResult,
  ReplaceOptions,
  UndoOptions,
  UndoResult,
  UploadedOptions,
  UploadTarget,
  UrlMethod,
  WriteDurability,
  WriteOptions,
} from './storage/backend.ts';
export {
  type Capabilities,
  hasLocalPath,
  publishesUrls,
  responseHeaders,
  signsUploads,
  signsUrls,
  writesParts,
} from './storage/capabilities.ts';
export { closeIfDropped, type Droppable } from './storage/close-if-dropped.ts';
export { contentDisposition } from './storage/content-disposition.ts';
export { hasOnly, knownOptions, type OptionsContext } from './storage/known-options.ts';
export { PageTokens } from './storage/page-tokens.ts';
export { PageSizes } from './storage/paging.ts';
export { type GivenToParts, readPartedId } from './storage/parted-id.ts';
export type {
  BeginOptions,
  PartDigest,
  PartedWrite,
  PartedWrites,
  PartLimits,
  PartPlace,
  SignedPart,
  SignPartOptions,
  StoredPart,
  WritePartOptions,
  WritesParts,
} from './storage/parts.ts';
export type { Place } from './storage/places.ts';
export { Attempts, withRetries } from './storage/retries.ts';
export { retryAfterSeconds } from './storage/retry-after.ts';
export { isUnreachable } from './storage/unreachable.ts';
export { newWriteId, wholeOf } from './storage/write-id.ts';
export { answering } from './wrappers/answering.ts';
export { type BackendChanges, type WholeBackend, wrapBackend } from './wrappers/wrap-backend.ts';
