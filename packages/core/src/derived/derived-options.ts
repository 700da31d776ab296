import type { Storage, StorageAlias } from '@fieldfile/storage';

/**
 * Objects that are made of a field's objects, as an image's variants are. They go with the object that they are made of,
 * through the same journal, and a sweep knows them.
 */
export interface DerivedOptions {
  /** Where they are kept: as a field's own `storage`. Default: where the field's objects are. */
  readonly storage?: StorageAlias | Storage | (() => StorageAlias | Storage);
  /** What can be made, by name: plain data for whoever makes it. */
  readonly kinds?: Readonly<Record<string, unknown>>;
}
