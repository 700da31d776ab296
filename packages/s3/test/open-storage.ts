import type { S3Server } from '@fieldfile/test-servers/s3';
import { MEBIBYTE, type S3StorageOptions } from '../src/options.ts';

/** Options of a storage on a test server, made of nothing but options. */
export const optionsFor = (server: S3Server, options: Partial<S3StorageOptions> = {}): S3StorageOptions => ({
  bucketName: 'media',
  endpointUrl: server.endpoint,
  regionName: server.region,
  accessKey: server.accessKeyId,
  secretKey: server.secretAccessKey,
  partSizeBytes: 5 * MEBIBYTE,
  retry: { baseDelayMs: 1 },
  ...options,
});
