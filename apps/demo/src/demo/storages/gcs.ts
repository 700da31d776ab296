import { GcsStorage, type GcsStorageOptions } from '@fieldfile/gcs';
import { startGcsServer } from '@fieldfile/test-servers/gcs';
import { connect } from '@fieldfile/test-servers/gcs-client';
import { existingStorage, onServer, type Plan } from './plan.ts';

const BUCKET = 'demo';

/** @throws FieldFileError `invalid-argument` for options that the storage refuses. */
export function planGcs(options: GcsStorageOptions | undefined): Plan {
  if (options) return existingStorage('real', new GcsStorage(options));
  return {
    place: 'test server',
    async open() {
      const server = await startGcsServer({ buckets: [BUCKET], requireAuthorization: true });
      return onServer(
        server,
        async () => new GcsStorage({ bucketName: BUCKET, client: await connect(server) }),
      );
    },
  };
}
