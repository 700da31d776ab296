/** The storages of the demo, in the order they are shown: each an alias of `storages` and a column of the table. */
export const storageNames = ['memory', 'fs', 's3', 'gcs', 'azure'] as const;

export type StorageName = (typeof storageNames)[number];
