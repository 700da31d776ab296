import { S3Storage, type S3StorageOptions } from '@fieldfile/s3';
import { startS3Server } from '@fieldfile/test-servers/s3';
import { existingStorage, onServer, type Plan } from './plan.ts';

const BUCKET = 'demo';

/** @throws FieldFileError `invalid-argument` for options that the storage refuses. */
export function planS3(options: S3StorageOptions | undefined): Plan {
  if (options) return existingStorage('real', new S3Storage(options));
  return {
    place: 'test server',
    async open() {
      const server = await startS3Server({ buckets: [BUCKET], allowsPages: true });
      return onServer(
        server,
        () =>
          new S3Storage({
            bucketName: BUCKET,
            endpointUrl: server.endpoint,
            regionName: server.region,
            accessKey: server.accessKeyId,
            secretKey: server.secretAccessKey,
          }),
      );
    },
  };
}
