import type { Readable } from 'node:stream';
import { load } from '../../rivals/load.ts';
import { flow } from './content.ts';
import { type Jobs, type Library, SIGNED_SECONDS } from './jobs.ts';
import { type AzureService, BUCKET, s3Configuration, serviceOf } from './servers.ts';

/** What is used of it. */
interface FileStorage {
  write(path: string, contents: Readable | Buffer, options?: { size: number }): Promise<void>;
  read(path: string): Promise<Readable>;
  readToUint8Array(path: string): Promise<Uint8Array>;
  list(path: string, options: { deep: boolean }): AsyncIterable<unknown>;
  temporaryUrl(path: string, options: { expiresAt: number }): Promise<string>;
  statFile(path: string): Promise<{ size?: number }>;
}

type Adapter<Client> = new (client: Client, options?: object) => object;

const ALL = [
  'upload',
  'uploadUnknown',
  'put',
  'download',
  'get',
  'first',
  'leave',
  'list',
  'sign',
  'stat',
] as const;

/** It has no adapter for Google Cloud Storage that npm serves. */
export const flystorage: { readonly disk: Library; readonly s3: Library; readonly azure: Library } = {
  disk: {
    jobs: ['uploadUnknown', 'put', 'get', 'first'],
    async open(root) {
      const { LocalStorageAdapter } = (await load('@flystorage/local-fs')) as {
        readonly LocalStorageAdapter: Adapter<string>;
      };
      return jobs(await fileStorage(new LocalStorageAdapter(root)));
    },
  },
  s3: {
    jobs: ALL,
    async open(folder) {
      const { S3Client } = (await load('@aws-sdk/client-s3')) as typeof import('@aws-sdk/client-s3');
      const { AwsS3StorageAdapter } = (await load('@flystorage/aws-s3')) as {
        readonly AwsS3StorageAdapter: Adapter<object>;
      };
      const client = new S3Client(await s3Configuration(folder));
      return jobs(await fileStorage(new AwsS3StorageAdapter(client, { bucket: BUCKET })));
    },
  },
  azure: {
    jobs: ALL,
    async open(folder) {
      const azure = (await load('@azure/storage-blob')) as typeof import('@azure/storage-blob');
      const { AzureStorageBlobStorageAdapter } = (await load('@flystorage/azure-storage-blob')) as {
        readonly AzureStorageBlobStorageAdapter: Adapter<object>;
      };
      const { url, accountName, accountKey } = await serviceOf<AzureService>(folder);
      const credential = new azure.StorageSharedKeyCredential(accountName, accountKey);
      const container = new azure.ContainerClient(`${url}/${BUCKET}`, credential);
      const storage = await fileStorage(new AzureStorageBlobStorageAdapter(container));
      // It makes buffers as large as the length that it is told.
      return { ...jobs(storage), upload: (key, content) => storage.write(key, content.node()) };
    },
  },
};

async function fileStorage(adapter: object): Promise<FileStorage> {
  const { FileStorage } = (await load('@flystorage/file-storage')) as {
    readonly FileStorage: new (adapter: object) => FileStorage;
  };
  return new FileStorage(adapter);
}

const jobs = (storage: FileStorage): Jobs => ({
  upload: (key, content) => storage.write(key, content.node(), { size: content.sizeBytes }),
  uploadUnknown: (key, content) => storage.write(key, content.node()),
  put: (key, bytes) => storage.write(key, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
  download: async key => flow(await storage.read(key)),
  get: key => storage.readToUint8Array(key),
  first: count => leave(storage, count),
  leave: count => leave(storage, count),
  list: () => leave(storage, Number.POSITIVE_INFINITY),
  sign: key => storage.temporaryUrl(key, { expiresAt: Date.now() + SIGNED_SECONDS * 1000 }),
  stat: async key => (await storage.statFile(key)).size ?? 0,
});

/** It is told of no count. */
async function leave(storage: FileStorage, count: number): Promise<number> {
  let listed = 0;
  for await (const _ of storage.list('', { deep: true })) if (++listed === count) break;
  return listed;
}
