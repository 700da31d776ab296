import type { Readable } from 'node:stream';
import { load } from '../../rivals/load.ts';
import { flow } from './content.ts';
import { type Jobs, type Library, SIGNED_SECONDS } from './jobs.ts';
import { BUCKET, type GcsService, s3Configuration, serviceOf } from './servers.ts';

/** What is used of it. */
interface Disk {
  put(key: string, contents: Uint8Array): Promise<void>;
  putStream(key: string, contents: Readable, options?: { contentLength: number }): Promise<void>;
  getStream(key: string): Promise<Readable>;
  getBytes(key: string): Promise<Uint8Array>;
  listAll(
    prefix: string,
    options: { recursive: boolean; maxResults?: number; paginationToken?: string },
  ): Promise<{ paginationToken?: string; objects: Iterable<unknown> }>;
  getSignedUrl(key: string, options: { expiresIn: number }): Promise<string>;
  getMetaData(key: string): Promise<{ contentLength: number }>;
}

type Driver = new (options: object) => object;

/** It has no driver for Azure. */
export const flydrive: { readonly disk: Library; readonly s3: Library; readonly gcs: Library } = {
  disk: {
    jobs: ['uploadUnknown', 'put', 'get', 'first'],
    async open(root) {
      const { FSDriver } = (await load('flydrive/drivers/fs')) as { readonly FSDriver: Driver };
      return jobs(await disk(new FSDriver({ location: root, visibility: 'private' })));
    },
  },
  s3: {
    // Its upload is a PutObject, which needs the length.
    jobs: ['upload', 'put', 'download', 'get', 'first', 'leave', 'list', 'sign', 'stat'],
    async open(folder) {
      const { S3Client } = (await load('@aws-sdk/client-s3')) as typeof import('@aws-sdk/client-s3');
      const { S3Driver } = (await load('flydrive/drivers/s3')) as { readonly S3Driver: Driver };
      const client = new S3Client(await s3Configuration(folder));
      return jobs(
        await disk(new S3Driver({ client, bucket: BUCKET, visibility: 'private', supportsACL: false })),
      );
    },
  },
  gcs: {
    jobs: ['upload', 'uploadUnknown', 'put', 'download', 'get', 'first', 'leave', 'list', 'stat'],
    async open(folder) {
      const { Storage } = (await load('@google-cloud/storage')) as typeof import('@google-cloud/storage');
      const { GCSDriver } = (await load('flydrive/drivers/gcs')) as { readonly GCSDriver: Driver };
      const { endpoint: apiEndpoint, projectId } = await serviceOf<GcsService>(folder);
      const storage = new Storage({ apiEndpoint, projectId });
      return jobs(
        await disk(new GCSDriver({ storage, bucket: BUCKET, visibility: 'private', usingUniformAcl: true })),
      );
    },
  },
};

async function disk(driver: object): Promise<Disk> {
  const { Disk } = (await load('flydrive')) as { readonly Disk: new (driver: object) => Disk };
  return new Disk(driver);
}

const jobs = (disk: Disk): Jobs => ({
  upload: (key, content) => disk.putStream(key, content.node(), { contentLength: content.sizeBytes }),
  uploadUnknown: (key, content) => disk.putStream(key, content.node()),
  put: (key, bytes) => disk.put(key, bytes),
  download: async key => flow(await disk.getStream(key)),
  get: key => disk.getBytes(key),
  async first(count) {
    const { objects } = await disk.listAll('', { recursive: true, maxResults: count });
    return [...objects].length;
  },
  async leave(count) {
    let listed = 0;
    for await (const _ of all(disk)) if (++listed === count) break;
    return listed;
  },
  async list() {
    let listed = 0;
    for await (const _ of all(disk)) listed++;
    return listed;
  },
  // In seconds, or in the words of ms.
  sign: key => disk.getSignedUrl(key, { expiresIn: SIGNED_SECONDS }),
  stat: async key => (await disk.getMetaData(key)).contentLength,
});

async function* all(disk: Disk): AsyncGenerator<unknown> {
  let token: string | undefined;
  do {
    const { objects, paginationToken } = await disk.listAll('', {
      recursive: true,
      ...(token === undefined ? {} : { paginationToken: token }),
    });
    yield* objects;
    token = paginationToken;
  } while (token !== undefined);
}
