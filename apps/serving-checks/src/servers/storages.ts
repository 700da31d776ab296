import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { AzureStorage } from '@fieldfile/azure';
import { FileSystemStorage } from '@fieldfile/fs';
import { GcsBackend } from '@fieldfile/gcs';
import { MemoryStorage } from '@fieldfile/memory';
import { S3Storage } from '@fieldfile/s3';
import { Storage } from '@fieldfile/storage';
import { makeContainer, startAzurite } from '@fieldfile/test-servers/azurite';
import { startGcsServer } from '@fieldfile/test-servers/gcs';
import { connect } from '@fieldfile/test-servers/gcs-client';
import { startS3Server } from '@fieldfile/test-servers/s3';
import { openRequests } from './open-requests.ts';

/** A storage, and what ends with it. */
export interface Place extends AsyncDisposable {
  readonly storage: Storage;
  /** Files and sockets that reading holds at the moment; undefined where it needs none. */
  readonly busy: (() => number | Promise<number>) | undefined;
}

/** Each on a service of its own, where it needs one. */
export const storages: Readonly<Record<string, () => Promise<Place>>> = {
  memory: async () => place(new MemoryStorage(), undefined, async () => {}),
  disk: onDisk,
  S3: onS3,
  'Google Cloud Storage': onGcs,
  Azure: onAzure,
};

const place = (storage: Storage, busy: Place['busy'], end: () => Promise<unknown>): Place => ({
  storage,
  busy,
  async [Symbol.asyncDispose]() {
    await storage[Symbol.asyncDispose]();
    await end();
  },
});

async function onDisk(): Promise<Place> {
  const root = await mkdtemp(join(tmpdir(), 'fieldfile-serving-'));
  const storage = new FileSystemStorage({ root });
  return place(
    storage,
    () => openBelow(root),
    () => rm(root, { recursive: true }),
  );
}

async function openBelow(root: string): Promise<number> {
  const descriptors = await readdir('/proc/self/fd');
  const paths = await Promise.all(descriptors.map(one => readlink(`/proc/self/fd/${one}`).catch(() => '')));
  return paths.filter(path => path.startsWith(root)).length;
}

async function onS3(): Promise<Place> {
  const server = await startS3Server({ buckets: ['media'] });
  const { endpoint, region, accessKeyId, secretAccessKey } = server;
  const client = new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
  return place(
    new S3Storage({ bucketName: 'media', endpointUrl: endpoint, client }),
    openRequests,
    async () => {
      client.destroy();
      await server.close();
    },
  );
}

async function onGcs(): Promise<Place> {
  const server = await startGcsServer({ requireAuthorization: true });
  const client = await connect(server);
  await client.createBucket('media');
  const backend = new GcsBackend({ bucketName: 'media', client });
  return place(
    new Storage(backend),
    () => backend.socketsInUse,
    () => server.close(),
  );
}

async function onAzure(): Promise<Place> {
  const azurite = await startAzurite();
  const { containerName: azureContainer } = await makeContainer(azurite);
  const { url: endpoint, accountName, accountKey } = azurite;
  return place(
    new AzureStorage({ azureContainer, endpoint, accountName, accountKey }),
    openRequests,
    async () => azurite[Symbol.asyncDispose](),
  );
}
