/**
 * The storages of the demo in their order: each an alias of `storages` and a column of the table. Memory comes last, since
 * the allocator does not give all of it back to the system, and the others would seem to need it.
 */
export const storageNames = ['fs', 's3', 'gcs', 'azure', 'memory'] as const;

export type StorageName = (typeof storageNames)[number];
