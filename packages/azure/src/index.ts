export { AzureBackend, type BoundOnAzure } from './backend.ts';
export type { AzureStorageOptions, ObjectParameters, TokenCredential } from './options.ts';
export { AzureStorage } from './storage.ts';
