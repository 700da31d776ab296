import { Agent } from 'node:http';
import { ListMultipartUploadsCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import type { StorageUnderTest } from '@fieldfile/conformance';
import { startS3Server } from '@fieldfile/test-servers/s3';
import type { S3StorageOptions } from '../src/options.ts';
import { S3Storage } from '../src/storage.ts';

export const SECRET = 'the-secret-access-key';

/** A server of its own with an empty bucket, and a storage on it whose sockets can be counted. */
export async function subject(
  options: Partial<S3StorageOptions>,
  makeClient: (config: S3ClientConfig) => S3Client = config => new S3Client(config),
): Promise<StorageUnderTest> {
  const server = await startS3Server({ buckets: ['media'], secretAccessKey: SECRET });
  const agent = new Agent({ keepAlive: true });
  const clients: S3Client[] = [];
  const open = (secretAccessKey = SECRET): S3Storage => {
    const client = makeClient({
      endpoint: server.endpoint,
      region: server.region,
      forcePathStyle: true,
      credentials: { accessKeyId: server.accessKeyId, secretAccessKey },
      expectContinueHeader: false,
      requestHandler: { httpAgent: agent },
    });
    clients.push(client);
    return new S3Storage({ bucketName: 'media', endpointUrl: server.endpoint, client, ...options });
  };
  const storage = open();
  return {
    storage,
    async residue() {
      const { Uploads = [] } = await (clients[0] as S3Client).send(
        new ListMultipartUploadsCommand({ Bucket: 'media' }),
      );
      return Uploads.map(({ Key }) => `upload of ${Key}`);
    },
    async sockets() {
      const inUse = (): number => Object.values(agent.sockets).flat().length;
      // A socket that was destroyed is there until its streams have closed.
      for (let turns = 0; inUse() > 0 && turns < 100; turns++) await new Promise(setImmediate);
      return inUse();
    },
    reopen: async () => open(),
    forbidden: async () => open('another-secret-access-key'),
    fetch: request => fetch(request),
    async dispose() {
      for (const client of clients) client.destroy();
      agent.destroy();
      await server.close();
    },
  };
}
