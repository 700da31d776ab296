export { MemoryBackend } from './backend.ts';
export type { MemoryStorageOptions } from './options.ts';
export { MemoryStorage } from './storage.ts';
