import { BlobSASPermissions, ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { AzureStorage } from '@fieldfile/azure';
import { drain, flow, MIB } from './content.ts';
import { filesSdk } from './files-sdk.ts';
import { flystorage } from './flystorage.ts';
import { type BareCalls, type Provider, SIGNED_SECONDS } from './jobs.ts';
import { type AzureService, BUCKET, serviceOf, startAzurite } from './servers.ts';

async function connect(folder: string): Promise<ContainerClient> {
  const { url, accountName, accountKey } = await serviceOf<AzureService>(folder);
  return new ContainerClient(`${url}/${BUCKET}`, new StorageSharedKeyCredential(accountName, accountKey));
}

const uploadStream =
  (bufferSizeBytes?: number): BareCalls['uploadUnknown'][string] =>
  async folder => {
    const container = await connect(folder);
    return (key, content) => container.getBlockBlobClient(key).uploadStream(content.node(), bufferSizeBytes);
  };

const uploads: BareCalls['uploadUnknown'] = {
  uploadStream: uploadStream(),
  'uploadStream, blocks of 4 MiB': uploadStream(4 * MIB),
};

const download =
  (
    read: (body: NodeJS.ReadableStream & AsyncIterable<Uint8Array>) => Promise<number>,
  ): BareCalls['download'][string] =>
  async folder => {
    const container = await connect(folder);
    return async key => {
      const { readableStreamBody } = await container.getBlockBlobClient(key).download();
      return read(readableStreamBody as NodeJS.ReadableStream & AsyncIterable<Uint8Array>);
    };
  };

const bare: BareCalls = {
  upload: {
    upload: async folder => {
      const container = await connect(folder);
      return (key, content) =>
        container.getBlockBlobClient(key).upload(() => content.node(), content.sizeBytes);
    },
    ...uploads,
  },
  uploadUnknown: uploads,
  put: {
    upload: async folder => {
      const container = await connect(folder);
      return (key, bytes) => container.getBlockBlobClient(key).upload(bytes, bytes.byteLength);
    },
    uploadData: async folder => {
      const container = await connect(folder);
      return (key, bytes) => container.getBlockBlobClient(key).uploadData(bytes);
    },
  },
  download: {
    'download, for await': download(drain),
    'download, events': download(flow),
  },
  get: {
    downloadToBuffer: async folder => {
      const container = await connect(folder);
      return key => container.getBlockBlobClient(key).downloadToBuffer();
    },
    'download, put together': async folder => {
      const container = await connect(folder);
      return async key => {
        const { readableStreamBody = [] } = await container.getBlockBlobClient(key).download();
        const chunks: Uint8Array[] = [];
        for await (const chunk of readableStreamBody) chunks.push(chunk as Buffer);
        return Buffer.concat(chunks);
      };
    },
  },
  first: {
    listBlobsFlat: async folder => {
      const container = await connect(folder);
      return async maxPageSize => {
        const pages = container.listBlobsFlat().byPage({ maxPageSize });
        const { value } = await pages.next();
        return value.segment.blobItems.length;
      };
    },
  },
  leave: {
    'listBlobsFlat, told the count': async folder => {
      const container = await connect(folder);
      return async maxPageSize => {
        const pages = container.listBlobsFlat().byPage({ maxPageSize });
        const { value } = await pages.next();
        return value.segment.blobItems.length;
      };
    },
    listBlobsFlat: async folder => {
      const container = await connect(folder);
      return async count => {
        let listed = 0;
        for await (const _ of container.listBlobsFlat()) if (++listed === count) break;
        return listed;
      };
    },
  },
  list: {
    'listBlobsFlat, by page': async folder => {
      const container = await connect(folder);
      return async () => {
        let listed = 0;
        for await (const { segment } of container.listBlobsFlat().byPage())
          listed += segment.blobItems.length;
        return listed;
      };
    },
    listBlobsFlat: async folder => {
      const container = await connect(folder);
      return async () => {
        let listed = 0;
        for await (const _ of container.listBlobsFlat()) listed++;
        return listed;
      };
    },
  },
  sign: {
    generateSasUrl: async folder => {
      const container = await connect(folder);
      return key =>
        container.getBlobClient(key).generateSasUrl({
          permissions: BlobSASPermissions.parse('r'),
          expiresOn: new Date(Date.now() + SIGNED_SECONDS * 1000),
        });
    },
  },
  stat: {
    getProperties: async folder => {
      const container = await connect(folder);
      return async key => (await container.getBlockBlobClient(key).getProperties()).contentLength ?? 0;
    },
  },
};

export const azure: Provider = {
  name: 'Azure',
  async start(folder) {
    const server = await startAzurite(folder);
    await (await connect(folder)).create();
    return server;
  },
  keepsRemoved: true,
  bare,
  async open(folder) {
    const { url: endpoint, accountName, accountKey } = await serviceOf<AzureService>(folder);
    return new AzureStorage({ azureContainer: BUCKET, endpoint, accountName, accountKey });
  },
  rivals: { flystorage: flystorage.azure, 'files-sdk': filesSdk.azure },
  partsMiB: 4 * 8,
};
