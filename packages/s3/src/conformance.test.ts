import { Agent } from 'node:http';
import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { storageContract } from '@fieldfile/conformance';
import { startS3Server } from '@fieldfile/test-servers/s3';
import { describe, test } from 'vitest';
import { MEBIBYTE } from './options.ts';
import { S3Storage } from './storage.ts';

const SECRET = 'the-secret-access-key';

storageContract({
  name: 's3',
  test,
  describe,
  secrets: [SECRET],
  async create() {
    const server = await startS3Server({ buckets: ['media'], secretAccessKey: SECRET });
    const agent = new Agent({ keepAlive: true });
    const clients: S3Client[] = [];
    const open = (secretAccessKey = SECRET): S3Storage => {
      const client = new S3Client({
        endpoint: server.endpoint,
        region: server.region,
        forcePathStyle: true,
        credentials: { accessKeyId: server.accessKeyId, secretAccessKey },
        expectContinueHeader: false,
        requestHandler: { httpAgent: agent },
      });
      clients.push(client);
      return new S3Storage({
        bucketName: 'media',
        endpointUrl: server.endpoint,
        client,
        partSizeBytes: 5 * MEBIBYTE,
        queueSize: 2,
      });
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
        // A socket that was destroyed is still there until the end of the turn.
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
  },
});
