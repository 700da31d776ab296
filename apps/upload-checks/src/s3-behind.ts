import { S3Storage, type S3StorageOptions } from '@fieldfile/s3';
import { FaultProxy } from '@fieldfile/test-servers/fault-proxy';
import { startS3Server } from '@fieldfile/test-servers/s3';
import type { Place } from './places.ts';

/** A bucket to which requests can go wrong on their way. */
export interface PlaceBehind extends Place {
  readonly proxy: FaultProxy;
}

export async function s3Behind(options: Partial<S3StorageOptions> = {}): Promise<PlaceBehind> {
  const server = await startS3Server({ buckets: ['media'] });
  const proxy = await FaultProxy.start(server.endpoint);
  const { region, accessKeyId, secretAccessKey } = server;
  const storage = new S3Storage({
    ...{ bucketName: 'media', endpointUrl: proxy.endpoint, regionName: region },
    ...{ accessKey: accessKeyId, secretKey: secretAccessKey },
    ...options,
  });
  return {
    ...{ proxy, storage, fetch: request => fetch(request) },
    everything: () => Array.fromAsync(storage.list(), ({ name }) => String(name)),
    async [Symbol.asyncDispose]() {
      await storage[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
      await server.close();
    },
  };
}
