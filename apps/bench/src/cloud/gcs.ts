import { pipeline } from 'node:stream/promises';
import { GcsStorage } from '@fieldfile/gcs';
import {
  type Bucket,
  type CreateReadStreamOptions,
  type CreateWriteStreamOptions,
  Storage,
} from '@google-cloud/storage';
import { drain, flow } from './content.ts';
import { filesSdk } from './files-sdk.ts';
import { flydrive } from './flydrive.ts';
import type { BareCalls, Provider } from './jobs.ts';
import { BUCKET, type GcsService, serviceOf, startGcs } from './servers.ts';

async function connect(folder: string): Promise<Bucket> {
  const { endpoint: apiEndpoint, projectId } = await serviceOf<GcsService>(folder);
  return new Storage({ apiEndpoint, projectId }).bucket(BUCKET);
}

const upload =
  (options: CreateWriteStreamOptions): BareCalls['upload'][string] =>
  async folder => {
    const bucket = await connect(folder);
    return (key, content) => pipeline(content.node(), bucket.file(key).createWriteStream(options));
  };

const uploads: BareCalls['upload'] = {
  createWriteStream: upload({}),
  'createWriteStream, unverified': upload({ validation: false }),
  'createWriteStream, not resumable': upload({ resumable: false }),
  'createWriteStream, not resumable, unverified': upload({ resumable: false, validation: false }),
};

const save =
  (options: CreateWriteStreamOptions): BareCalls['put'][string] =>
  async folder => {
    const bucket = await connect(folder);
    return (key, bytes) => bucket.file(key).save(bytes, options);
  };

const download =
  (
    options: CreateReadStreamOptions,
    read: (body: NodeJS.ReadableStream & AsyncIterable<Uint8Array>) => Promise<number>,
  ): BareCalls['download'][string] =>
  async folder => {
    const bucket = await connect(folder);
    return key => read(bucket.file(key).createReadStream(options));
  };

const get =
  (options: CreateReadStreamOptions): BareCalls['get'][string] =>
  async folder => {
    const bucket = await connect(folder);
    return async key => (await bucket.file(key).download(options))[0];
  };

const bare: BareCalls = {
  upload: uploads,
  uploadUnknown: uploads,
  put: {
    save: save({}),
    'save, not resumable': save({ resumable: false }),
    'save, not resumable, unverified': save({ resumable: false, validation: false }),
  },
  download: {
    'createReadStream, for await': download({}, drain),
    'createReadStream, events': download({}, flow),
    'createReadStream, unverified, for await': download({ validation: false, decompress: false }, drain),
    'createReadStream, unverified, events': download({ validation: false, decompress: false }, flow),
  },
  get: {
    download: get({}),
    'download, unverified': get({ validation: false, decompress: false }),
  },
  first: {
    getFiles: async folder => {
      const bucket = await connect(folder);
      return async maxResults => (await bucket.getFiles({ maxResults, autoPaginate: false }))[0].length;
    },
  },
  leave: {
    'getFiles, told the count': async folder => {
      const bucket = await connect(folder);
      return async maxResults => (await bucket.getFiles({ maxResults, autoPaginate: false }))[0].length;
    },
    getFilesStream: async folder => {
      const bucket = await connect(folder);
      return async count => {
        let listed = 0;
        for await (const _ of bucket.getFilesStream()) if (++listed === count) break;
        return listed;
      };
    },
  },
  list: {
    getFiles: async folder => {
      const bucket = await connect(folder);
      return async () => (await bucket.getFiles())[0].length;
    },
    getFilesStream: async folder => {
      const bucket = await connect(folder);
      return async () => {
        let listed = 0;
        for await (const _ of bucket.getFilesStream()) listed++;
        return listed;
      };
    },
  },
  // Its server takes no credentials, and then there is no key.
  sign: {},
  stat: {
    getMetadata: async folder => {
      const bucket = await connect(folder);
      return async key => Number((await bucket.file(key).getMetadata())[0].size);
    },
  },
};

export const gcs: Provider = {
  name: 'Google Cloud Storage',
  start: startGcs,
  keepsRemoved: false,
  bare,
  async open(folder) {
    const { endpoint: apiEndpoint, projectId } = await serviceOf<GcsService>(folder);
    return new GcsStorage({ bucketName: BUCKET, apiEndpoint, projectId });
  },
  rivals: { flydrive: flydrive.gcs, 'files-sdk': filesSdk.gcs },
  partsMiB: 2 * 8,
};
