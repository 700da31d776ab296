import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { Bucket } from './s3/bucket.ts';
import { allowPages } from './s3/cors.ts';
import { exchange } from './s3/exchange.ts';
import { FileStore } from './s3/file-store.ts';
import type { S3Imitation } from './s3/imitation.ts';
import type { S3Limits } from './s3/service.ts';

export { type ConditionalWrite, EVERY_WRITE, type S3Imitation } from './s3/imitation.ts';
export type { S3Limits } from './s3/service.ts';

/** How a server is to run; everything has a default. */
export interface S3ServerOptions {
  /** Port on 127.0.0.1. Default: a free one. */
  readonly port?: number;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  /** Default: `us-east-1`. */
  readonly region?: string;
  /** Names of buckets that exist from the start. */
  readonly buckets?: readonly string[];
  /** Limits to change, so that tests need no gigabytes. */
  readonly limits?: Partial<S3Limits>;
  /** Where the server shall fall short of the service. Default: nowhere. */
  readonly imitates?: S3Imitation;
  /** Pages of every origin may read and upload, as by a CORS rule of all buckets. Default: false. */
  readonly allowsPages?: boolean;
  /** Folder to make the temporary folder for content in. Default: the system's. */
  readonly directory?: string;
}

/** A running server and what a client needs to speak to it. */
export interface S3Server extends AsyncDisposable {
  /** `http://127.0.0.1:port`; address buckets by path. */
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  /** Another access key, which may read objects whose keys it knows and nothing else. */
  readonly readOnlyCredentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Ends every connection, then removes all content. */
  close(): Promise<void>;
}

const MEBIBYTE = 1024 * 1024;

/**
 * Starts an S3 server that enforces what the service promises: signatures, checksums, conditions, policies, limits.
 * Content lies in a temporary folder, its index in memory.
 *
 * @example
 * ```ts
 * import { startS3Server } from '@fieldfile/test-servers/s3';
 *
 * await using server = await startS3Server({ buckets: ['media'] });
 * console.log(server.endpoint);
 * ```
 */
export async function startS3Server(options: S3ServerOptions = {}): Promise<S3Server> {
  const account = {
    accessKeyId: options.accessKeyId ?? 'test-access-key',
    secretAccessKey: options.secretAccessKey ?? 'test-secret-key',
    region: options.region ?? 'us-east-1',
  };
  const service = {
    account,
    reader: {
      accessKeyId: 'test-read-only-key',
      secretAccessKey: 'test-read-only-secret',
      region: account.region,
    },
    limits: {
      minimumPartBytes: 5 * MEBIBYTE,
      maximumUploadBytes: 5 * 1024 * MEBIBYTE,
      maximumCopyBytes: 5 * 1024 * MEBIBYTE,
      ...options.limits,
    },
    imitation: options.imitates ?? {},
    files: await FileStore.open(options.directory ?? tmpdir()),
    buckets: new Map((options.buckets ?? []).map(name => [name, new Bucket(name)])),
  };
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 65_000 });
  server.on('request', (message, response) => {
    if (options.allowsPages && allowPages(message, response)) return;
    void exchange(service, message, response, false);
  });
  server.on('checkContinue', (message, response) => void exchange(service, message, response, true));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    const closed = new Promise(resolve => server.close(resolve));
    server.closeAllConnections();
    await closed;
    await service.files.close();
  };
  return {
    ...account,
    endpoint: `http://127.0.0.1:${port}`,
    readOnlyCredentials: service.reader,
    close,
    [Symbol.asyncDispose]: close,
  };
}
