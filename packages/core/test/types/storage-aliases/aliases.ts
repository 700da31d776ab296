// An application that names its storages: aliases are checked, and each has its storage's type.
import { defineFiles, model, type Storage, storages } from '@fieldfile/core';
import { FileSystemStorage } from '@fieldfile/fs';
import { MemoryStorage } from '@fieldfile/memory';

declare module '@fieldfile/core' {
  interface StorageAliases {
    default: FileSystemStorage;
    scratch: MemoryStorage;
    anything: Storage;
  }
}

interface UserRow {
  id: number;
  avatar: string | null;
}

export function configured(): void {
  storages.configure({
    default: () => new FileSystemStorage({ root: 'media' }),
    scratch: new MemoryStorage(),
  });
  // @ts-expect-error not the storage that the alias promises
  storages.configure({ default: new MemoryStorage() });
  // @ts-expect-error no such alias
  storages.configure({ defautl: new MemoryStorage() });
}

export function typed(): string {
  // @ts-expect-error memory has no paths
  storages.get('scratch').path('a.txt');
  // @ts-expect-error no such alias
  storages.get('defautl');
  return storages.get('default').path('a.txt');
}

/** A test's memory takes the place of any storage: fields ask for a capability at run time. */
export function overridden(): void {
  using _ = storages.override('default', new MemoryStorage());
  // @ts-expect-error no such alias
  storages.override('defautl', new MemoryStorage());
}

export function fields(): void {
  const user = model<UserRow>()('user', 'id');
  defineFiles(user, { avatar: { storage: 'scratch' } });
  defineFiles(user, { avatar: { storage: () => 'anything' } });
  // @ts-expect-error no such alias
  defineFiles(user, { avatar: { storage: 'defautl' } });
  // @ts-expect-error no such alias
  defineFiles(user, { avatar: { storage: () => 'defautl' } });
}
