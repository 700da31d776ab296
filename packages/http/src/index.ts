export { type ProblemOptions, problem } from './errors/problem.ts';
export { type Delivery, type FileRequest, type FilesOptions, files } from './routes/files.ts';
export { type MountOptions, mount } from './routes/mount.ts';
export type { FileHost } from './safety/file-host.ts';
export { nameOf } from './serve/name-of.ts';
export type { ServeOptions } from './serve/options.ts';
export type {
  ContentBody,
  ContentInfo,
  ReadableFile,
  ReadableStorage,
  Servable,
  ServableContent,
  ServableHandle,
  ServableObject,
} from './serve/servable.ts';
export { serve } from './serve/serve.ts';
export {
  type TokenContent,
  type TokenData,
  type TokenExpectation,
  type TokenOptions,
  type TokenRequest,
  Tokens,
} from './tokens/tokens.ts';
