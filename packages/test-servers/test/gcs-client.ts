import { createHash } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import {
  type Bucket,
  type DownloadOptions,
  type File,
  type SaveOptions,
  Storage,
} from '@google-cloud/storage';
import { type GcsCredentials, type GcsServer, type GcsServerOptions, startGcsServer } from '../src/gcs.ts';

// The SDK's HTTP layer adds a listener for every chunk of a multipart upload, and Node warns of each.
EventEmitter.defaultMaxListeners = 0;

export const MiB: number = 1024 * 1024;
export const BUCKET = 'checks';

/** A server with one bucket, and the official SDK without its own retries. */
export class GcsClient {
  readonly server: GcsServer;
  readonly storage: Storage;
  readonly bucket: Bucket;

  static async start(options: GcsServerOptions = {}): Promise<GcsClient> {
    return new GcsClient(await startGcsServer({ buckets: [BUCKET], ...options }));
  }

  private constructor(server: GcsServer) {
    this.server = server;
    this.storage = connect(server, server.credentials);
    this.bucket = this.storage.bucket(BUCKET);
  }

  file(name: string, options?: Parameters<Bucket['file']>[1]): File {
    return this.bucket.file(name, options);
  }

  /** Saves in one request unless `resumable` is set. */
  async put(name: string, content: string | Buffer, options: SaveOptions = {}): Promise<void> {
    await this.file(name).save(content, { resumable: false, ...options });
  }

  async text(name: string, options: DownloadOptions = {}): Promise<string> {
    const [bytes] = await this.file(name).download(options);
    return bytes.toString();
  }

  async metadata(name: string): Promise<Record<string, unknown>> {
    const [metadata] = await this.file(name).getMetadata();
    return { ...metadata };
  }

  async exists(name: string): Promise<boolean> {
    const [exists] = await this.file(name).exists();
    return exists;
  }

  /** The URL of an object's bytes in the JSON API. */
  mediaUrl(name: string, query: Record<string, string> = {}): string {
    const parameters = new URLSearchParams({ alt: 'media', ...query });
    return `${this.server.endpoint}/storage/v1/b/${BUCKET}/o/${encodeURIComponent(name)}?${parameters}`;
  }

  close(): Promise<void> {
    return this.server.close();
  }
}

/** The official SDK on a server, without retries of its own. */
export function connect(server: GcsServer, credentials: GcsCredentials): Storage {
  // The SDK warns of every use of `credentials`, the one option with which it can sign.
  const { warn } = console;
  console.warn = () => {};
  try {
    return new Storage({
      apiEndpoint: server.endpoint,
      projectId: server.projectId,
      credentials,
      retryOptions: { autoRetry: false, maxRetries: 0 },
    });
  } finally {
    console.warn = warn;
  }
}

/** The status of the error a call rejects with, or undefined when it succeeds. */
export async function refusal(call: Promise<unknown>): Promise<number | undefined> {
  try {
    await call;
    return undefined;
  } catch (cause) {
    return typeof cause === 'object' && cause !== null && 'code' in cause ? Number(cause.code) : Number.NaN;
  }
}

/** A stream of bytes that depend on the seed alone. */
export function generated(size: number, seed = 1): Readable {
  const block = 64 * 1024;
  let state = seed;
  function* blocks(): Generator<Buffer> {
    for (let left = size; left > 0; left -= block) {
      const bytes = Buffer.alloc(Math.min(block, left));
      for (let at = 0; at + 4 <= bytes.length; at += 4) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        bytes.writeUInt32LE(state, at);
      }
      yield bytes;
    }
  }
  return Readable.from(blocks(), { objectMode: false });
}

/** The SHA-256 of a stream, in hexadecimal. */
export async function digest(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of stream) hash.update(bytes);
  return hash.digest('hex');
}
