// A handle reads once it is known to have a file, and knows the type of its owner.
import type { FieldFile, FileReference, NewFile, StoredFile } from '@fieldfile/core';

interface User {
  readonly id: number;
  readonly name: string;
}

interface Admin extends User {
  readonly rights: readonly string[];
}

export async function readingAsksForAFile(avatar: FieldFile): Promise<void> {
  // @ts-expect-error there may be no file
  await avatar.url();
  // @ts-expect-error there may be no file
  await avatar.bytes();
  // @ts-expect-error there may be no file
  avatar.name.length;
  if (!avatar.stored) return;
  await avatar.stored.url({ expiresInSeconds: 60, download: 'me.png' });
  await avatar.stored.bytes({ start: 0, endExclusive: 10 });
  avatar.stored.name.length;
}

export function theOwnersTypeFlows(avatar: FieldFile<Admin>): readonly string[] | undefined {
  const stored: StoredFile<Admin> | null = avatar.stored;
  // @ts-expect-error the row may be gone
  avatar.owner.rights;
  return stored?.owner?.rights;
}

/** Reading needs no row, so that code which only reads takes every handle. */
export function ofAnyOwner(avatar: FieldFile<Admin>): [FieldFile<User>, FieldFile] {
  return [avatar, avatar];
}

export function notOfMore(avatar: FieldFile<User>): FieldFile<Admin> {
  // @ts-expect-error not every user is an admin
  return avatar;
}

export function aNewFileFitsEveryAttribute(content: NewFile): FieldFile<Admin> {
  return content;
}

export function aHandleIsNoNewFile(avatar: FieldFile<never>): NewFile {
  // @ts-expect-error only file, existing and noFile make one
  return avatar;
}

export async function content(avatar: FieldFile, other: FieldFile): Promise<void> {
  await avatar.save('text', { name: 'a.txt', onProgress: ({ sentBytes }) => sentBytes.toFixed() });
  await avatar.save(new Response('').body ?? '', { name: 'a.txt', sizeBytes: 0 });
  if (other.stored) await avatar.save(other.stored);
  // @ts-expect-error the other may have none
  await avatar.save(other);
  // @ts-expect-error { path } from JSON is no content
  await avatar.save({ path: '/etc/passwd' });
  // @ts-expect-error nor with all that a LocalFile shows
  await avatar.save({ path: '/etc/passwd', name: 'passwd', sizeBytes: 1, consume: true });
  // @ts-expect-error replacing keeps the name
  await avatar.stored?.replace('text', { name: 'b.txt' });
}

/** What `JSON.stringify` and a queue get. */
export function plainData(avatar: FieldFile): [string | null, string, FileReference] {
  return [avatar.toJSON(), `${avatar}`, avatar.reference()];
}

export function readonlyThroughout(avatar: FieldFile): void {
  // @ts-expect-error assign through the field
  avatar.name = 'a.png';
  // @ts-expect-error a handle belongs to its row
  avatar.owner = {};
}
