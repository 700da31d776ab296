import { Storage } from '@fieldfile/storage';
import { MemoryBackend } from './backend.ts';
import type { MemoryStorageOptions } from './options.ts';

/**
 * Objects in this process's memory: for tests and examples. Gone when it is collected.
 *
 * @example
 * ```ts
 * import { MemoryStorage } from '@fieldfile/memory';
 *
 * const storage = new MemoryStorage();
 * const name = await storage.save('notes/hello.txt', 'Hello');
 * ```
 */
export class MemoryStorage extends Storage<MemoryBackend> {
  constructor(options: MemoryStorageOptions = {}) {
    super(new MemoryBackend(options), options);
  }
}
