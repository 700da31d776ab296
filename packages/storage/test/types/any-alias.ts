// Where an application did not name its storages, any text is an alias.

import { MemoryStorage } from '@fieldfile/memory';
import { type Storage, storages } from '@fieldfile/storage';

export function untyped(alias: string): Storage {
  storages.configure({ default: () => new MemoryStorage(), [alias]: new MemoryStorage() });
  // @ts-expect-error an instance, or a function that makes one
  storages.configure({ default: MemoryStorage });
  return storages.get(alias);
}
