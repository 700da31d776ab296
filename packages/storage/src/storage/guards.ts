import type { Backend } from './backend.ts';
import {
  type HasLocalPath,
  hasLocalPath,
  type PublishesUrls,
  publishesUrls,
  type SignsUploads,
  type SignsUrls,
  signsUploads,
  signsUrls,
} from './capabilities.ts';
import type { Storage } from './storage.ts';

/** Whether `storage.publicUrl` may be called: the question the types ask, at run time. */
export function canPublishUrls<B extends Backend>(
  storage: Storage<B>,
): storage is Storage<B & PublishesUrls> {
  return publishesUrls(storage.backend);
}

/** Whether `storage.signedUrl` may be called. */
export function canSignUrls<B extends Backend>(storage: Storage<B>): storage is Storage<B & SignsUrls> {
  return signsUrls(storage.backend);
}

/** Whether `storage.signedUpload` may be called. */
export function canSignUploads<B extends Backend>(storage: Storage<B>): storage is Storage<B & SignsUploads> {
  return signsUploads(storage.backend);
}

/** Whether `storage.path` may be called. */
export function canGivePaths<B extends Backend>(storage: Storage<B>): storage is Storage<B & HasLocalPath> {
  return hasLocalPath(storage.backend);
}
