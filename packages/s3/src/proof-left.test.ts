import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { ObjectName } from '@fieldfile/storage/backend';
import { FaultProxy, type SeenRequest } from '@fieldfile/test-servers/fault-proxy';
import { Resources } from '@fieldfile/test-servers/resources';
import { type S3Server, startS3Server } from '@fieldfile/test-servers/s3';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { optionsFor } from '../test/open-storage.ts';
import { Conditions } from './conditions.ts';
import { Connection } from './connection.ts';
import { MARKER } from './marker.ts';
import { S3Storage } from './storage.ts';

let stack: Resources;
let server: S3Server;
let proxy: FaultProxy;
let client: S3Client;

beforeEach(async () => {
  stack = new Resources();
  server = stack.use(await startS3Server({ buckets: ['media'] }));
  proxy = stack.use(await FaultProxy.start(server.endpoint));
  const { endpoint, region } = server;
  client = new S3Client({ endpoint, region, credentials: server, forcePathStyle: true });
  stack.defer(() => client.destroy());
});
afterEach(() => stack.disposeAsync());

/** A storage's conditions, as a process has them that knows nothing yet. */
function conditions(uploadMs?: number): Conditions {
  const connection = new Connection(optionsFor(server, { endpointUrl: proxy.endpoint }));
  stack.defer(() => connection.close());
  return new Conditions(connection, {
    ...{ stated: undefined, marker: MARKER as ObjectName, encryption: () => ({}), retry: { baseDelayMs: 1 } },
    ...(uploadMs === undefined ? {} : { uploadMs }),
  });
}

const prove = (uploadMs?: number): Promise<boolean> =>
  conditions(uploadMs).keeps('complete', { operation: 'create' });

async function uploads(): Promise<string[]> {
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: 'media' }));
  return Uploads.map(({ Key = '' }) => Key);
}

const isOfProof = ({ path, query }: SeenRequest): boolean =>
  path === `/media/${MARKER}` && query.has('uploadId');

/** Processes have syntax that Node 22 does not know. */
const runsFromSource = Number.parseInt(process.versions.node, 10) >= 24;

test.runIf(runsFromSource).each([
  ['its part is sent', 1],
  ['it is to be refused', 2],
  ['it is to be completed', 3],
])('the upload of a process that was killed while %s goes with the next proof', async (_, nth) => {
  const held = Promise.withResolvers<void>();
  let seen = 0;
  proxy.plan = request => {
    if (!isOfProof(request) || ++seen < nth) return undefined;
    held.resolve();
    return { kind: 'blackhole' };
  };
  const options = optionsFor(server, { endpointUrl: proxy.endpoint });
  const child = fork(
    fileURLToPath(new URL('../test/proving.ts', import.meta.url)),
    [JSON.stringify(options)],
    { execArgv: ['--conditions=@fieldfile/source', '--disable-warning=ExperimentalWarning'] },
  );
  const exited = once(child, 'exit');
  await Promise.race([held.promise, exited]);
  child.kill('SIGKILL');
  await exited;
  proxy.heal();
  expect(await uploads()).toEqual([MARKER]);
  expect(await prove(3_600_000)).toBe(true);
  expect(await uploads(), 'it may be of a process that lives').toEqual([MARKER]);
  // Times of answers are whole seconds.
  await vi.waitFor(async () => {
    expect(await prove(1)).toBe(true);
    expect(await uploads()).toEqual([]);
  });
});

test('whoever loses its upload to another process proves once more', async () => {
  let taken = 0;
  const own = new S3Client({
    ...{ endpoint: server.endpoint, region: server.region, credentials: server, forcePathStyle: true },
  });
  stack.defer(() => own.destroy());
  own.middlewareStack.add(
    (next, { commandName }) =>
      async args => {
        const { Key, UploadId } = args.input as { readonly Key?: string; readonly UploadId?: string };
        if (commandName === 'CompleteMultipartUploadCommand' && Key === MARKER && taken < 2) {
          taken += 1;
          await client.send(new AbortMultipartUploadCommand({ Bucket: 'media', Key, UploadId }));
        }
        return next(args);
      },
    { step: 'initialize' },
  );
  const storage = stack.use(
    new S3Storage({ bucketName: 'media', endpointUrl: server.endpoint, client: own }),
  );
  const seen: string[] = [];
  own.middlewareStack.add(
    (next, { commandName = '' }) =>
      args => {
        seen.push(commandName);
        return next(args);
      },
    { step: 'initialize' },
  );
  const large = (): ReadableStream => new Blob([new Uint8Array(11 * 1024 * 1024)]).stream();
  await storage.save('large.bin', large());
  expect(taken).toBe(2);
  seen.splice(0);
  await storage.save('another.bin', large());
  expect(seen.filter(command => command === 'CompleteMultipartUploadCommand')).toHaveLength(1);
  expect(await uploads()).toEqual([]);
});

test('a proof costs one request more for that, and does without where nobody may list uploads', async () => {
  const requests: string[] = [];
  const isListing = ({ method, query }: SeenRequest): boolean => method === 'GET' && query.has('uploads');
  proxy.plan = request => {
    requests.push(isListing(request) ? 'list' : `${request.method} ${request.path}`);
    return undefined;
  };
  expect(await prove()).toBe(true);
  expect(requests.filter(one => one === 'list')).toHaveLength(1);
  expect(requests).toHaveLength(8);
  await client.send(new CreateMultipartUploadCommand({ Bucket: 'media', Key: MARKER }));
  await client.send(new CreateMultipartUploadCommand({ Bucket: 'media', Key: `${MARKER}-of-others` }));
  proxy.plan = request =>
    isListing(request) ? { kind: 'status', status: 403, code: 'AccessDenied' } : undefined;
  expect(await prove(1)).toBe(true);
  proxy.heal();
  await vi.waitFor(async () => {
    await prove(1);
    expect(await uploads()).toEqual([`${MARKER}-of-others`]);
  });
});
