import { load } from '../../rivals/load.ts';
import { drain } from './content.ts';
import { type Jobs, type Library, SIGNED_SECONDS } from './jobs.ts';
import { type AzureService, BUCKET, type GcsService, type S3Service, serviceOf } from './servers.ts';

/** What is used of it. */
interface Files {
  upload(key: string, body: Uint8Array | ReadableStream<Uint8Array>): Promise<unknown>;
  download(key: string, options: { as: 'stream' }): Promise<{ stream(): ReadableStream<Uint8Array> }>;
  download(key: string): Promise<{ arrayBuffer(): Promise<ArrayBuffer> }>;
  list(options: { limit: number }): Promise<{ readonly items: readonly unknown[] }>;
  listAll(): AsyncIterable<unknown>;
  url(key: string, options: { expiresIn: number }): Promise<string>;
  head(key: string): Promise<{ readonly size: number }>;
}

type MakeAdapter<Raw = unknown> = (options: object) => { readonly raw: Raw };

export const filesSdk: { readonly [Provider in 'disk' | 's3' | 'gcs' | 'azure']: Library } = {
  disk: library(async root => {
    const { fs } = (await load('files-sdk/fs')) as { readonly fs: MakeAdapter };
    return fs({ root });
  }),
  s3: library(async folder => {
    const { endpoint, region, ...credentials } = await serviceOf<S3Service>(folder);
    const { s3 } = (await load('files-sdk/s3')) as { readonly s3: MakeAdapter };
    return s3({ bucket: BUCKET, endpoint, region, credentials, forcePathStyle: true });
  }),
  gcs: library(async folder => {
    const { endpoint, projectId } = await serviceOf<GcsService>(folder);
    // The only way to another endpoint, and it forgets the path.
    process.env.STORAGE_EMULATOR_HOST = endpoint;
    const { gcs } = (await load('files-sdk/gcs')) as { readonly gcs: MakeAdapter<{ baseUrl: string }> };
    const adapter = gcs({ bucket: BUCKET, projectId });
    adapter.raw.baseUrl = `${endpoint}/storage/v1`;
    return adapter;
  }, []),
  azure: library(async folder => {
    const { url, accountName, accountKey } = await serviceOf<AzureService>(folder);
    const { azure } = (await load('files-sdk/azure')) as { readonly azure: MakeAdapter };
    return azure({ container: BUCKET, endpoint: url, accountName, accountKey });
  }),
};

function library(
  makeAdapter: (folder: string) => Promise<object>,
  signs: readonly 'sign'[] = ['sign'],
): Library {
  return {
    jobs: ['upload', 'uploadUnknown', 'put', 'download', 'get', 'first', 'leave', 'list', ...signs, 'stat'],
    async open(folder): Promise<Jobs> {
      const { Files } = (await load('files-sdk')) as {
        readonly Files: new (options: object) => Files;
      };
      const files = new Files({ adapter: await makeAdapter(folder) });
      return {
        // It is not told a stream's length.
        upload: (key, content) => files.upload(key, content.web()),
        uploadUnknown: (key, content) => files.upload(key, content.web()),
        put: (key, bytes) => files.upload(key, bytes),
        download: async key => drain((await files.download(key, { as: 'stream' })).stream()),
        get: async key => new Uint8Array(await (await files.download(key)).arrayBuffer()),
        first: async count => (await files.list({ limit: count })).items.length,
        async leave(count) {
          let listed = 0;
          for await (const _ of files.listAll()) if (++listed === count) break;
          return listed;
        },
        async list() {
          let listed = 0;
          for await (const _ of files.listAll()) listed++;
          return listed;
        },
        sign: key => files.url(key, { expiresIn: SIGNED_SECONDS }),
        stat: async key => (await files.head(key)).size,
      };
    },
  };
}
