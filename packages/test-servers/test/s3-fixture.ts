import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  type AbortMultipartUploadCommandOutput,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  type CompleteMultipartUploadCommandInput,
  type CompleteMultipartUploadCommandOutput,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  DeleteObjectCommand,
  type DeleteObjectCommandInput,
  type DeleteObjectCommandOutput,
  GetObjectCommand,
  type GetObjectCommandInput,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  type HeadObjectCommandInput,
  type HeadObjectCommandOutput,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
  type PutObjectCommandInput,
  type PutObjectCommandOutput,
  S3Client,
  type S3ClientConfig,
  UploadPartCommand,
  type UploadPartCommandInput,
} from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { type S3Server, type S3ServerOptions, startS3Server } from '../src/s3.ts';

export const MEBIBYTE: number = 1024 * 1024;

/** A command's input without the bucket and key that the fixture adds. */
type Rest<Input> = Partial<Omit<Input, 'Bucket' | 'Key' | 'Body'>>;

// The SDK warns of every stream it cannot send again.
const SILENT = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/** A server with one bucket, and the official SDK speaking to it in a few words. */
export class S3Fixture implements AsyncDisposable {
  readonly server: S3Server;
  readonly bucket = 'bucket';
  readonly client: S3Client;

  constructor(server: S3Server) {
    this.server = server;
    this.client = this.newClient();
  }

  static async start(options: S3ServerOptions = {}): Promise<S3Fixture> {
    return new S3Fixture(await startS3Server({ buckets: ['bucket'], ...options }));
  }

  newClient(config: S3ClientConfig = {}): S3Client {
    return new S3Client({
      endpoint: this.server.endpoint,
      region: this.server.region,
      credentials: this.server,
      forcePathStyle: true,
      maxAttempts: 1,
      logger: SILENT,
      ...config,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.destroy();
    await this.server.close();
  }

  put(
    Key: string,
    Body: NonNullable<PutObjectCommandInput['Body']>,
    rest: Rest<PutObjectCommandInput> = {},
  ): Promise<PutObjectCommandOutput> {
    return this.client.send(new PutObjectCommand({ ...rest, Bucket: this.bucket, Key, Body }));
  }

  get(Key: string, rest: Rest<GetObjectCommandInput> = {}): Promise<GetObjectCommandOutput> {
    return this.client.send(new GetObjectCommand({ ...rest, Bucket: this.bucket, Key }));
  }

  async bytes(key: string, rest: Rest<GetObjectCommandInput> = {}): Promise<Buffer> {
    const { Body } = await this.get(key, rest);
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  }

  async text(key: string, rest: Rest<GetObjectCommandInput> = {}): Promise<string> {
    return (await this.bytes(key, rest)).toString('utf8');
  }

  head(Key: string, rest: Rest<HeadObjectCommandInput> = {}): Promise<HeadObjectCommandOutput> {
    return this.client.send(new HeadObjectCommand({ ...rest, Bucket: this.bucket, Key }));
  }

  remove(Key: string, rest: Rest<DeleteObjectCommandInput> = {}): Promise<DeleteObjectCommandOutput> {
    return this.client.send(new DeleteObjectCommand({ ...rest, Bucket: this.bucket, Key }));
  }

  list(rest: Rest<ListObjectsV2CommandInput> = {}): Promise<ListObjectsV2CommandOutput> {
    return this.client.send(new ListObjectsV2Command({ ...rest, Bucket: this.bucket }));
  }

  async startUpload(Key: string, rest: Rest<CreateMultipartUploadCommandInput> = {}): Promise<string> {
    const started = await this.client.send(
      new CreateMultipartUploadCommand({ ...rest, Bucket: this.bucket, Key }),
    );
    return started.UploadId ?? '';
  }

  /** Uploads a part and returns what completing the upload says of it. */
  async part(
    Key: string,
    UploadId: string,
    PartNumber: number,
    Body: NonNullable<PutObjectCommandInput['Body']>,
    rest: Rest<UploadPartCommandInput> = {},
  ): Promise<CompletedPart> {
    const { ETag, ChecksumCRC32, ChecksumCRC32C, ChecksumCRC64NVME, ChecksumSHA1, ChecksumSHA256 } =
      await this.client.send(
        new UploadPartCommand({ ...rest, Bucket: this.bucket, Key, UploadId, PartNumber, Body }),
      );
    return {
      PartNumber,
      ETag,
      ChecksumCRC32,
      ChecksumCRC32C,
      ChecksumCRC64NVME,
      ChecksumSHA1,
      ChecksumSHA256,
    };
  }

  completeUpload(
    Key: string,
    UploadId: string,
    Parts: readonly CompletedPart[],
    rest: Rest<CompleteMultipartUploadCommandInput> = {},
  ): Promise<CompleteMultipartUploadCommandOutput> {
    return this.client.send(
      new CompleteMultipartUploadCommand({
        ...rest,
        Bucket: this.bucket,
        Key,
        UploadId,
        MultipartUpload: { Parts: [...Parts] },
      }),
    );
  }

  abortUpload(Key: string, UploadId: string): Promise<AbortMultipartUploadCommandOutput> {
    return this.client.send(new AbortMultipartUploadCommand({ Bucket: this.bucket, Key, UploadId }));
  }
}

/** Expects a request to be refused with this status and, where a body tells it, this code. */
export async function expectRefused(request: Promise<unknown>, status: number, code?: string): Promise<void> {
  const error = await request.then(
    () => undefined,
    (reason: unknown) => reason as { name: string; $metadata?: { httpStatusCode?: number } },
  );
  expect(error, 'the request was to be refused').toBeDefined();
  expect(error?.$metadata?.httpStatusCode, String(error)).toBe(status);
  if (code !== undefined) expect(error?.name).toBe(code);
}

/** How a race ended: the index of the winners, and how often each refusal came. */
export async function race(
  count: number,
  attempt: (index: number) => Promise<unknown>,
): Promise<{ winners: number[]; refusals: string[] }> {
  const results = await Promise.allSettled(Array.from({ length: count }, (_, index) => attempt(index)));
  const winners = results.flatMap((result, index) => (result.status === 'fulfilled' ? [index] : []));
  const refusals = results.flatMap(result => (result.status === 'rejected' ? [result.reason.name] : []));
  return { winners, refusals };
}

/** Reproducible bytes that look random. */
export function noise(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed >>> 0;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

/** A one-shot stream of given bytes in pieces of 64 KiB. */
export function oneShot(bytes: Uint8Array | string): Readable {
  const buffer = Buffer.from(bytes as Uint8Array);
  return Readable.from(
    (function* () {
      for (let start = 0; start < buffer.length; start += 65536) yield buffer.subarray(start, start + 65536);
    })(),
    { objectMode: false },
  );
}

/** A stream in mid-flight: it gives its first bytes and waits until it is told the last, or for ever. */
export function stalled(
  first: Uint8Array,
): Readable & { readonly reached: Promise<void>; readonly finish: (last: Uint8Array) => void } {
  const reached = Promise.withResolvers<void>();
  const rest = Promise.withResolvers<Uint8Array>();
  const stream = Readable.from(
    (async function* () {
      yield first;
      reached.resolve();
      yield await rest.promise;
    })(),
    { objectMode: false },
  );
  return Object.assign(stream, { reached: reached.promise, finish: rest.resolve });
}
