import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { AzureStorage } from '@fieldfile/azure';
import { FileSystemStorage } from '@fieldfile/fs';
import { GcsBackend } from '@fieldfile/gcs';
import { mount } from '@fieldfile/http';
import { MemoryStorage } from '@fieldfile/memory';
import { S3Storage, type S3StorageOptions } from '@fieldfile/s3';
import { Storage } from '@fieldfile/storage';
import { makeContainer, startAzurite } from '@fieldfile/test-servers/azurite';
import { startGcsServer } from '@fieldfile/test-servers/gcs';
import { connect } from '@fieldfile/test-servers/gcs-client';
import { startS3Server } from '@fieldfile/test-servers/s3';

/** A storage that clients upload to, and what ends with it. */
export interface Place extends AsyncDisposable {
  readonly storage: Storage;
  /** What a client's request reaches: the application that serves the storage, or the service. */
  fetch(request: Request): Promise<Response>;
  /** Everything that is there, also what no listing of the storage shows. */
  everything(): Promise<readonly string[]>;
}

const OWN_URLS = { baseUrl: 'http://localhost/media/', signingKey: 'a secret of at least thirty-two bytes' };

export const places: Readonly<Record<string, () => Promise<Place>>> = {
  memory: async () =>
    served(
      new MemoryStorage(OWN_URLS),
      () => [],
      async () => {},
    ),
  disk: onDisk,
  S3: () => onS3(),
  'Google Cloud Storage': onGcs,
  Azure: onAzure,
};

async function listed(storage: Storage): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of storage.list()) names.push(name);
  return names;
}

/** A storage whose URLs the application serves. */
function served(
  storage: Storage,
  hidden: () => readonly string[] | Promise<readonly string[]>,
  end: () => Promise<unknown>,
): Place {
  return {
    storage,
    fetch: mount(storage),
    everything: async () => [...(await listed(storage)), ...(await hidden())],
    async [Symbol.asyncDispose]() {
      await storage[Symbol.asyncDispose]();
      await end();
    },
  };
}

/** A storage that serves its own URLs. */
const direct = (
  storage: Storage,
  hidden: () => Promise<readonly string[]>,
  end: () => Promise<unknown>,
): Place => ({ ...served(storage, hidden, end), fetch: request => fetch(request) });

async function onDisk(): Promise<Place> {
  const root = await mkdtemp(join(tmpdir(), 'fieldfile-uploads-'));
  const internal = async (): Promise<string[]> => {
    const names = await readdir(join(root, '.fieldfile')).catch(() => []);
    return names.filter(name => /^[0-9a-f]{32}/.test(name));
  };
  const end = (): Promise<void> => rm(root, { recursive: true });
  return served(new FileSystemStorage({ root, ...OWN_URLS }), internal, end);
}

export async function onS3(options: Partial<S3StorageOptions> = {}): Promise<Place> {
  const server = await startS3Server({ buckets: ['media'] });
  const { endpoint, region, accessKeyId, secretAccessKey } = server;
  const storage = new S3Storage({
    bucketName: 'media',
    endpointUrl: endpoint,
    regionName: region,
    accessKey: accessKeyId,
    secretKey: secretAccessKey,
    ...options,
  });
  const client = new S3Client({
    ...{ endpoint, region, credentials: { accessKeyId, secretAccessKey }, forcePathStyle: true },
  });
  const uploads = async (): Promise<string[]> => {
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: 'media' }));
    return Uploads.map(({ Key }) => `an upload of ${Key}`);
  };
  return direct(storage, uploads, async () => {
    client.destroy();
    await server.close();
  });
}

async function onGcs(): Promise<Place> {
  const server = await startGcsServer({ requireAuthorization: true });
  const client = await connect(server);
  await client.createBucket('media');
  const storage = new Storage(new GcsBackend({ bucketName: 'media', client }));
  return direct(
    storage,
    async () => [],
    () => server.close(),
  );
}

async function onAzure(): Promise<Place> {
  const azurite = await startAzurite();
  const container = await makeContainer(azurite);
  const { url: endpoint, accountName, accountKey } = azurite;
  const { containerName: azureContainer } = container;
  const aside = async (): Promise<string[]> => {
    const names: string[] = [];
    for await (const { name } of container.listBlobsFlat({ prefix: '.fieldfile/' })) names.push(name);
    return names;
  };
  return direct(new AzureStorage({ azureContainer, endpoint, accountName, accountKey }), aside, async () =>
    azurite[Symbol.asyncDispose](),
  );
}
