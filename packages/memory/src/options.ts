import type { StorageOptions } from '@fieldfile/storage';
import type { OwnUrlOptions } from '@fieldfile/storage/backend';

/** What a memory storage can be told. */
export interface MemoryStorageOptions extends StorageOptions, OwnUrlOptions {
  /** Bytes that fit in all, those being written included; beyond it a write is `no-space`. Default: no limit. */
  readonly maxBytes?: number;
  /** What time it is, for `lastModified` and the expiry of signed URLs. Default: the system clock. */
  readonly clock?: () => Date;
}
