import { randomBytes } from 'node:crypto';
import { FileSystemStorage, type FileSystemStorageOptions } from '@fieldfile/fs';
import { serveDisk } from '../serve-disk.ts';
import { onServer, type Plan } from './plan.ts';

/**
 * A disk serves nothing by itself: a small server answers its signed URLs.
 *
 * @throws FieldFileError `invalid-argument` for options that the storage refuses.
 */
export function planDisk(options: FileSystemStorageOptions): Plan {
  new FileSystemStorage(options);
  return {
    place: 'local disk',
    async open() {
      const server = await serveDisk();
      return onServer(server, () => {
        const storage = new FileSystemStorage({
          ...options,
          baseUrl: server.url,
          signingKey: randomBytes(32),
        });
        server.serve(storage);
        return storage;
      });
    },
  };
}
