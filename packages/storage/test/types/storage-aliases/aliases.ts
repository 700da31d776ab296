// The same without rows: who has no other package names the storages of this one.
import { FileSystemStorage } from '@fieldfile/fs';
import { MemoryStorage } from '@fieldfile/memory';
import { storages } from '@fieldfile/storage';

declare module '@fieldfile/storage' {
  interface StorageAliases {
    default: FileSystemStorage;
    scratch: MemoryStorage;
  }
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
