export type { ObjectParameters, ObjectParametersOption } from './attributes.ts';
export { GcsBackend } from './backend.ts';
export type { GcsStorageOptions } from './options.ts';
export { GcsStorage } from './storage.ts';
export type { BoundOnGcs } from './url.ts';
