import type { InspectOptions, inspect } from 'node:util';
import { Storage } from '@fieldfile/storage';
import { FileSystemBackend } from './backend.ts';
import type { FileSystemStorageOptions } from './options.ts';

/**
 * Objects as plain files in a folder of this machine: whole or absent at any moment, never overwritten unasked, durable
 * when acknowledged, and never outside the folder.
 *
 * Constructing one only looks where the path leads; the folder is made by the first write.
 *
 * @example
 * ```ts
 * import { FileSystemStorage } from '@fieldfile/fs';
 *
 * const storage = new FileSystemStorage({ root: './media' });
 * const name = await storage.save('notes/hello.txt', 'Hello');
 * await using opened = await storage.open(name);
 * console.log(await opened.text()); // Hello
 * ```
 */
export class FileSystemStorage extends Storage<FileSystemBackend> {
  /** @throws `invalid-argument`, naming the option and the fix. */
  constructor(options: FileSystemStorageOptions) {
    super(new FileSystemBackend(options), options);
  }
}

Object.defineProperty(FileSystemStorage.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: FileSystemStorage, _depth: number, options: InspectOptions, show: typeof inspect): string {
    return `FileSystemStorage ${show(this.backend.describe(), options)}`;
  },
});
