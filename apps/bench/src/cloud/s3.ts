import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { S3Storage } from '@fieldfile/s3';
import { drain, flow, MIB } from './content.ts';
import { filesSdk } from './files-sdk.ts';
import { flydrive } from './flydrive.ts';
import { flystorage } from './flystorage.ts';
import { type BareCalls, type Provider, SIGNED_SECONDS } from './jobs.ts';
import { BUCKET as Bucket, type S3Service, s3Configuration, serviceOf, startS3 } from './servers.ts';

const connect = async (folder: string): Promise<S3Client> => new S3Client(await s3Configuration(folder));

/** As the SDK is by itself. */
const connectWithChecksums = async (folder: string): Promise<S3Client> =>
  new S3Client({ ...(await s3Configuration(folder)), requestChecksumCalculation: 'WHEN_SUPPORTED' });

const upload =
  (options: { readonly partSize?: number } = {}): BareCalls['uploadUnknown'][string] =>
  async folder => {
    const client = await connect(folder);
    return (Key, content) =>
      new Upload({ client, params: { Bucket, Key, Body: content.node() }, ...options }).done();
  };

const uploads: BareCalls['uploadUnknown'] = {
  'lib-storage Upload': upload(),
  'lib-storage Upload, parts of 8 MiB': upload({ partSize: 8 * MIB }),
};

const putObject =
  (open: typeof connect): BareCalls['upload'][string] =>
  async folder => {
    const client = await open(folder);
    return (Key, content) =>
      client.send(
        new PutObjectCommand({ Bucket, Key, Body: content.node(), ContentLength: content.sizeBytes }),
      );
  };

const putBytes =
  (open: typeof connect): BareCalls['put'][string] =>
  async folder => {
    const client = await open(folder);
    return (Key, bytes) => client.send(new PutObjectCommand({ Bucket, Key, Body: bytes }));
  };

const download =
  (
    read: (body: NodeJS.ReadableStream & AsyncIterable<Uint8Array>) => Promise<number>,
  ): BareCalls['download'][string] =>
  async folder => {
    const client = await connect(folder);
    return async Key => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      return read(Body as NodeJS.ReadableStream & AsyncIterable<Uint8Array>);
    };
  };

const bare: BareCalls = {
  upload: {
    PutObject: putObject(connect),
    'PutObject with its CRC32': putObject(connectWithChecksums),
    ...uploads,
  },
  uploadUnknown: uploads,
  put: {
    PutObject: putBytes(connect),
    'PutObject with its CRC32': putBytes(connectWithChecksums),
    'lib-storage Upload': async folder => {
      const client = await connect(folder);
      return (Key, Body) => new Upload({ client, params: { Bucket, Key, Body } }).done();
    },
  },
  download: {
    'GetObject, for await': download(drain),
    'GetObject, events': download(flow),
  },
  get: {
    GetObject: async folder => {
      const client = await connect(folder);
      return async Key => {
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
        return (await Body?.transformToByteArray()) ?? new Uint8Array();
      };
    },
  },
  first: {
    ListObjectsV2: async folder => {
      const client = await connect(folder);
      return async MaxKeys =>
        (await client.send(new ListObjectsV2Command({ Bucket, MaxKeys }))).KeyCount ?? 0;
    },
  },
  leave: {
    'ListObjectsV2, told the count': async folder => {
      const client = await connect(folder);
      return async MaxKeys =>
        (await client.send(new ListObjectsV2Command({ Bucket, MaxKeys }))).KeyCount ?? 0;
    },
    paginateListObjectsV2: async folder => {
      const client = await connect(folder);
      return async count => {
        let listed = 0;
        for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket }))
          for (const _ of Contents) if (++listed === count) return listed;
        return listed;
      };
    },
  },
  list: {
    paginateListObjectsV2: async folder => {
      const client = await connect(folder);
      return async () => {
        let listed = 0;
        for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket }))
          listed += Contents.length;
        return listed;
      };
    },
  },
  sign: {
    getSignedUrl: async folder => {
      const client = await connect(folder);
      return Key =>
        getSignedUrl(client, new GetObjectCommand({ Bucket, Key }), { expiresIn: SIGNED_SECONDS });
    },
  },
  stat: {
    HeadObject: async folder => {
      const client = await connect(folder);
      return async Key => (await client.send(new HeadObjectCommand({ Bucket, Key }))).ContentLength ?? 0;
    },
  },
};

export const s3: Provider = {
  name: 'S3',
  start: startS3,
  keepsRemoved: false,
  bare,
  async open(folder) {
    const { endpoint, region, accessKeyId, secretAccessKey } = await serviceOf<S3Service>(folder);
    return new S3Storage({
      bucketName: Bucket,
      endpointUrl: endpoint,
      regionName: region,
      accessKey: accessKeyId,
      secretKey: secretAccessKey,
    });
  },
  rivals: {
    flydrive: flydrive.s3,
    flystorage: flystorage.s3,
    'files-sdk': filesSdk.s3,
  },
  partsMiB: 4 * 8,
};
