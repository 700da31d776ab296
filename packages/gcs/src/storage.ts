import { Storage, type Wrapped, withPrefix } from '@fieldfile/storage';
import { GcsBackend } from './backend.ts';
import type { GcsStorageOptions } from './options.ts';

/**
 * Objects in a bucket of Google Cloud Storage: never overwritten unasked, private unless the bucket says otherwise,
 * checked by CRC-32C on the way in.
 *
 * Constructing one makes no request.
 *
 * @example
 * ```ts
 * import { GcsStorage } from '@fieldfile/gcs';
 *
 * const storage = new GcsStorage({ bucketName: 'my-media' });
 * const name = await storage.save('notes/hello.txt', 'Hello');
 * const url = await storage.signedUrl(name, { expiresInSeconds: 3600 });
 * ```
 */
export class GcsStorage extends Storage<Wrapped<GcsBackend>> {
  /** @throws `invalid-argument`, naming the option and the fix; `suspicious-name` for a `location` that is no name. */
  constructor(options: GcsStorageOptions) {
    const backend = new GcsBackend(options);
    super(options.location ? withPrefix(backend, options.location, { id: options.id }) : backend, options);
  }
}
