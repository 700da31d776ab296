// A wrapper of a backend has to say what becomes of each of its members, and its type keeps what the inner one can.

import type { FileSystemBackend } from '@fieldfile/fs';
import type { MemoryBackend } from '@fieldfile/memory';
import {
  type Backend,
  readOnly,
  type SignedUpload,
  type SignsUploads,
  type SignsUrls,
  type Wrapped,
  withPrefix,
} from '@fieldfile/storage';
import {
  type BackendChanges,
  type ObjectName,
  publishesUrls,
  signsUploads,
  type WholeBackend,
  wrapBackend,
} from '@fieldfile/storage/backend';

declare const memory: MemoryBackend;
declare const disk: FileSystemBackend;
declare const plain: Backend;
declare const name: ObjectName;
declare const inner: WholeBackend;

const soon = { expiresInSeconds: 60 };

/** What is not spelled out is handed on only by who says so. */
export const handedOn: BackendChanges = { ...inner };

const { removeMany: _, ...withoutRemoveMany } = inner;
// @ts-expect-error an optional method was forgotten
export const forgetful: BackendChanges = { ...withoutRemoveMany };

const { signUpload: __, ...withoutSignUpload } = inner;
// @ts-expect-error what only some backends can was forgotten
export const forgetsCapability: BackendChanges = { ...withoutSignUpload };

export const leavesOut: BackendChanges = { ...inner, removeMany: undefined, signUpload: undefined };

// @ts-expect-error what every backend has cannot be left out
export const noBackend: BackendChanges = { ...inner, read: undefined };

export async function typesAreKept(): Promise<void> {
  const whole: Wrapped<FileSystemBackend> = wrapBackend(disk, each => ({ ...each }));
  whole.localPath(name);
  const upload: SignedUpload<'max-length'> | SignedUpload = await whole.signUpload(name, soon);
  upload.enforced.has('max-length');
  // @ts-expect-error what is in memory has no files, wrapped or not
  wrapBackend(memory, each => ({ ...each })).localPath(name);
  // @ts-expect-error what a backend has beside is not the wrapper's
  whole.verifyToken('https://media.example/a', 'GET');

  const withoutUploads: Wrapped<MemoryBackend, 'signUpload'> = wrapBackend(memory, each => ({
    ...each,
    signUpload: undefined,
  }));
  withoutUploads.publicUrl(name);
  // @ts-expect-error left out
  withoutUploads.signUpload(name, soon);

  withPrefix(disk, 'part').localPath(name);
  const archive: Backend & SignsUrls = readOnly(disk);
  await archive.signUrl(name, soon);
  // @ts-expect-error a read-only backend signs no uploads
  const signing: SignsUploads = readOnly(disk);
  if (signsUploads(plain)) await signing.signUpload(name, soon);
  // @ts-expect-error not every backend has an address
  plain.publicUrl(name);
  if (publishesUrls(plain)) plain.publicUrl(name);
}
