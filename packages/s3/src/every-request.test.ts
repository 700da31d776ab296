import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  type MultipartUpload,
  S3Client,
} from '@aws-sdk/client-s3';
import { isFieldFileError } from '@fieldfile/storage';
import { type Fault, FaultProxy, mutates } from '@fieldfile/test-servers/fault-proxy';
import { startS3Server } from '@fieldfile/test-servers/s3';
import { afterAll, expect, test } from 'vitest';
import { optionsFor } from '../test/open-storage.ts';
import { MARKER } from './marker.ts';
import { MEBIBYTE } from './options.ts';
import { S3Storage } from './storage.ts';

const BYTES = Buffer.alloc(12 * MEBIBYTE, 'a content that is more than two parts long; ');

const server = await startS3Server({ buckets: ['media'] });
const proxy = await FaultProxy.start(server.endpoint);
const storage = new S3Storage(
  optionsFor(server, { endpointUrl: proxy.endpoint, timeoutSeconds: 1, retry: { baseDelayMs: 0 } }),
);
const { endpoint, region } = server;
const client = new S3Client({ endpoint, region, credentials: server, forcePathStyle: true });
afterAll(async () => {
  await storage[Symbol.asyncDispose]();
  client.destroy();
  await proxy[Symbol.asyncDispose]();
  await server.close();
});

async function* stream(): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < BYTES.length; at += MEBIBYTE) yield BYTES.subarray(at, at + MEBIBYTE);
}

async function* failing(): AsyncGenerator<Uint8Array> {
  yield* stream();
  throw new Error('the stream broke');
}

interface Operation {
  readonly act: () => Promise<unknown>;
  /** What is there when it succeeds, and when it does not. */
  readonly done: readonly string[];
  readonly undone: readonly string[];
}

const both = { done: ['new', 'old'], undone: ['old'] };

const OPERATIONS: Readonly<Record<string, Operation>> = {
  'save of bytes': { act: () => storage.save('new', 'x'), ...both },
  'save of large bytes': { act: () => storage.save('new', BYTES), ...both },
  'save of a stream': { act: () => storage.save('new', stream()), ...both },
  'save of a stream of known length': {
    act: () => storage.save('new', stream(), { sizeBytes: BYTES.length }),
    ...both,
  },
  'save that fails half-way': { act: () => storage.save('new', failing()), done: ['old'], undone: ['old'] },
  'replace by bytes': { act: () => storage.replace('old', 'x'), done: ['old'], undone: ['old'] },
  'replace by a stream': { act: () => storage.replace('old', stream()), done: ['old'], undone: ['old'] },
  copy: { act: () => storage.copy('old', 'new'), ...both },
  move: { act: () => storage.move('old', 'new'), done: ['new'], undone: ['old'] },
  delete: { act: () => storage.delete('old'), done: [], undone: ['old'] },
  deleteMany: { act: () => storage.deleteMany(['old']), done: [], undone: ['old'] },
};

const FAULTS: readonly Fault[] = [
  { kind: 'lost-answer' },
  { kind: 'no-answer' },
  { kind: 'blackhole' },
  { kind: 'status', status: 503, code: 'SlowDown', retryAfterSeconds: 0 },
  { kind: 'status', status: 429, code: 'TooManyRequests', retryAfterSeconds: 0 },
  { kind: 'status', status: 500, code: 'InternalError' },
];

for (const fault of FAULTS)
  for (const [operation, { act, done, undone }] of Object.entries(OPERATIONS))
    test(`${operation}, ${describeFault(fault)} at each of its requests in turn: done once, or not at all`, async () => {
      for (let nth = 1; ; nth++) {
        proxy.heal();
        await storage.deleteMany(await held());
        for (const { UploadId, Key } of await uploads())
          await client.send(new AbortMultipartUploadCommand({ Bucket: 'media', Key, UploadId }));
        await storage.replace('old', 'old');
        proxy.once(mutates, fault, nth);
        const outcome = await act().then(
          () => 'done',
          (error: unknown) => error,
        );
        const { struck } = proxy;
        proxy.heal();
        const found = await held();
        if (outcome === 'done') expect(found).toEqual(done);
        else if (!isFieldFileError(outcome)) expect(outcome).toEqual(new Error('the stream broke'));
        // What replaces and had no answer may arrive later, when the old content would not come back.
        else if (operation === 'replace by a stream') expect([false, 'unknown']).toContain(outcome.applied);
        else expect(outcome, `request ${nth}`).toMatchObject({ applied: false });
        if (outcome !== 'done') expect(found, `request ${nth}: ${outcome}`).toEqual(undone);
        // Nobody knows of an upload whose beginning was not answered, where no reservation tells; it has no bytes.
        if (operation === 'replace by a stream') expect(await parts()).toEqual([]);
        else expect(await uploads()).toEqual([]);
        if (struck === 0) return;
      }
    });

function describeFault(fault: Fault): string {
  return fault.kind === 'status' ? `status ${fault.status}` : fault.kind;
}

/** The names that are occupied, also by reservations, beside the storage's own. */
async function held(): Promise<string[]> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: 'media' }));
  return Contents.map(({ Key = '' }) => Key).filter(key => key !== MARKER);
}

async function uploads(): Promise<MultipartUpload[]> {
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: 'media' }));
  return Uploads;
}

async function parts(): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const { Key, UploadId } of await uploads()) {
    const { Parts = [] } = await client.send(new ListPartsCommand({ Bucket: 'media', Key, UploadId }));
    found.push(...Parts);
  }
  return found;
}
