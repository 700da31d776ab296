import type { IncomingMessage } from 'node:http';
import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { S3Storage, type S3StorageOptions } from '@fieldfile/s3';
import { startS3Server } from '@fieldfile/test-servers/s3';
import { type CrossOrigin, crossOrigin } from './cross-origin.ts';
import { startWorld, type World } from './world.ts';

/** An application whose files are in a bucket of another origin. */
export interface Bucket extends AsyncDisposable {
  readonly world: World;
  /** What pages reach the bucket through. */
  readonly gate: CrossOrigin;
  /** Objects, and uploads that were begun and not completed. */
  everything(): Promise<readonly string[]>;
}

/** The least that parts may have. */
export const PART_BYTES: number = 5 * 1024 ** 2;

/** Of a part that a page sends; 0 for what else is sent. What the application sends has its signature in a header. */
export const partNumberOf = ({ url = '', method, headers }: IncomingMessage): number =>
  method === 'PUT' && headers.authorization === undefined
    ? Number(/partNumber=(\d+)/.exec(url)?.[1] ?? 0)
    : 0;

/** Files above one part go in parts. As on Amazon's service, checksums are sent. */
export async function startBucket(options: Partial<S3StorageOptions> = {}): Promise<Bucket> {
  const server = await startS3Server({ buckets: ['media'] });
  const gate = await crossOrigin(() => server.endpoint);
  const { region, accessKeyId, secretAccessKey } = server;
  const storage = new S3Storage({
    ...{ bucketName: 'media', endpointUrl: gate.origin, regionName: region },
    ...{ accessKey: accessKeyId, secretKey: secretAccessKey, checksums: 'when-supported' },
    ...options,
  });
  const client = new S3Client({
    ...{ endpoint: server.endpoint, region, forcePathStyle: true },
    credentials: { accessKeyId, secretAccessKey },
  });
  const world = await startWorld(() => storage, { partsAboveBytes: PART_BYTES, partBytes: PART_BYTES });
  return {
    ...{ world, gate },
    async everything() {
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: 'media' }));
      return [
        ...(await Array.fromAsync(storage.list(), ({ name }) => String(name))),
        ...Uploads.map(({ UploadId }) => `upload ${UploadId}`),
      ];
    },
    async [Symbol.asyncDispose]() {
      await world[Symbol.asyncDispose]();
      await storage[Symbol.asyncDispose]();
      client.destroy();
      await gate[Symbol.asyncDispose]();
      await server.close();
    },
  };
}
