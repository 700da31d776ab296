import type { StorageOptions } from '@fieldfile/storage';

/** What a memory storage can be told. */
export interface MemoryStorageOptions extends StorageOptions {
  /** Bytes that fit in all, those being written included; beyond it a write is `no-space`. Default: no limit. */
  readonly maxBytes?: number;
  /** What time it is, for `lastModified`. Default: the system clock. */
  readonly clock?: () => Date;
}
