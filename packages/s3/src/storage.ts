import { type CallOptions, Storage, type Wrapped, withPrefix } from '@fieldfile/storage';
import { S3Backend } from './backend.ts';
import { MARKER } from './marker.ts';
import type { S3StorageOptions } from './options.ts';
import type { ProbeResult } from './probe.ts';

/**
 * Objects in a bucket of Amazon S3 or of what speaks its protocol: never overwritten unasked, streamed in flat memory,
 * with signed URLs and uploads.
 *
 * Constructing one does no I/O; the bucket must exist.
 *
 * @example
 * ```ts
 * import { S3Storage } from '@fieldfile/s3';
 *
 * const storage = new S3Storage({ bucketName: 'media', regionName: 'eu-central-1' });
 * const name = await storage.save('notes/hello.txt', 'Hello');
 * const url = await storage.signedUrl(name, { expiresInSeconds: 300 });
 * ```
 */
export class S3Storage extends Storage<Wrapped<S3Backend>> {
  readonly #bucket: S3Backend;

  /** @throws `invalid-argument`, naming the option and the fix. */
  constructor(options: S3StorageOptions) {
    const bucket = new S3Backend(options);
    const { location = '' } = options;
    super(
      location === '' ? bucket : withPrefix(bucket, location, { id: options.id, reservedSegments: [MARKER] }),
      options,
    );
    this.#bucket = bucket;
  }

  /**
   * Finds out what to give as `conditionalWrites`. It writes and removes an object `fieldfile-probe-…` beside `location`.
   *
   * @throws `permission`, `not-found` when there is no such bucket.
   */
  probe(options: CallOptions = {}): Promise<ProbeResult> {
    return this.#bucket.probe(options);
  }
}
