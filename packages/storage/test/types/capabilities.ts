// What a storage can do beyond is in its type; a guard asks at run time.

import { type BoundOnDisk, FileSystemStorage } from '@fieldfile/fs';
import { MemoryStorage } from '@fieldfile/memory';
import {
  type Backend,
  type Bound,
  canGivePaths,
  canPublishUrls,
  canSignUploads,
  canSignUrls,
  type SignedUpload,
  type SignsUploads,
  type SignsUrls,
  type Storage,
} from '@fieldfile/storage';
import type { ObjectName } from '@fieldfile/storage/backend';

const memory: MemoryStorage = new MemoryStorage();
const disk: FileSystemStorage = new FileSystemStorage({ root: 'media' });
const soon = { expiresInSeconds: 60 };

/** A storage that can more is a storage, and so is one whose type says nothing. */
export const storages: readonly Storage[] = [memory, disk];

/** Code that is tested on memory is the code for the disk. */
export async function memoryHasUrlsAndNoFiles(): Promise<void> {
  await memory.save('a.txt', 'x');
  await memory.signedUrl('a.txt', { ...soon, disposition: 'inline' });
  const upload = await memory.signedUpload('a.txt', soon);
  upload.enforced.has('max-length');
  upload.enforced.has('digest');
  memory.publicUrl('a.txt');
  // @ts-expect-error what is in memory has no files
  memory.path('a.txt');
}

export async function localDiskHasAll(): Promise<SignedUpload<BoundOnDisk>> {
  disk.path('a.txt');
  disk.publicUrl('a.txt');
  await disk.signedUrl('a.txt', { ...soon, download: 'b.txt' });
  const upload = await disk.signedUpload('a.txt', { ...soon, maxBytes: 10 });
  upload.enforced.has('max-length');
  upload.enforced.has('digest');
  return upload;
}

export async function guards(storage: Storage): Promise<void> {
  // @ts-expect-error not every storage can
  await storage.signedUrl('a.txt', soon);
  if (canSignUrls(storage)) await storage.signedUrl('a.txt', soon);
  if (canSignUploads(storage)) await storage.signedUpload('a.txt', soon);
  if (canPublishUrls(storage)) storage.publicUrl('a.txt');
  if (canGivePaths(storage)) storage.path('a.txt');
  if (canSignUrls(storage) && canGivePaths(storage)) await storage.signedUrl(storage.path('a.txt'), soon);
}

/** A wrapper's type keeps what is inside. */
type InAzure = Storage<Backend & SignsUrls & SignsUploads<'method' | 'name' | 'expiry' | 'no-overwrite'>>;

export async function anotherProvider(azure: InAzure): Promise<void> {
  // @ts-expect-error objects in Azure are no files of this machine
  azure.path('a.txt');
  const upload = await azure.signedUpload('a.txt', { ...soon, maxBytes: 1 });
  upload.enforced.has('expiry');
  // @ts-expect-error an Azure SAS cannot bind the length
  upload.enforced.has('max-length');
  const bounds: ReadonlySet<Bound> = upload.enforced as ReadonlySet<Bound>;
  bounds.has('digest');
}

export async function keysAreChecked(name: ObjectName): Promise<string> {
  // @ts-expect-error a raw string never reaches a backend
  await memory.backend.info('../x');
  await memory.backend.info(name);
  return name;
}
