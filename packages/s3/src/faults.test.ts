import { getEventListeners } from 'node:events';
import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { isFieldFileError } from '@fieldfile/storage';
import { type Fault, FaultProxy, type SeenRequest } from '@fieldfile/test-servers/fault-proxy';
import { type S3Server, startS3Server } from '@fieldfile/test-servers/s3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MEBIBYTE } from './options.ts';
import { S3Storage } from './storage.ts';

const SIZE = 12 * MEBIBYTE;
const BYTES = Buffer.alloc(SIZE, 'a content that is more than two parts long; ');

let server: S3Server;
let proxy: FaultProxy;
let storage: S3Storage;
/** Past the faults. */
let direct: S3Storage;

beforeEach(async () => {
  server = await startS3Server({ buckets: ['media'] });
  proxy = await FaultProxy.start(server.endpoint);
  storage = open(proxy.endpoint);
  direct = open(server.endpoint);
});

afterEach(async () => {
  await storage[Symbol.asyncDispose]();
  await direct[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
  await server.close();
});

const optionsOf = (endpointUrl: string) => ({
  bucketName: 'media',
  endpointUrl,
  accessKey: server.accessKeyId,
  secretKey: server.secretAccessKey,
  partSizeBytes: 5 * MEBIBYTE,
  timeoutSeconds: 1,
  retry: { baseDelayMs: 1, attempts: 3 },
});

const open = (endpointUrl: string): S3Storage => new S3Storage(optionsOf(endpointUrl));

async function* oneShot(bytes: Uint8Array = BYTES): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += 65_536) yield bytes.subarray(start, start + 65_536);
}

async function uploads(): Promise<number> {
  const client = new S3Client({
    endpoint: server.endpoint,
    region: server.region,
    credentials: server,
    forcePathStyle: true,
  });
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: 'media' }));
  client.destroy();
  return Uploads.length;
}

const names = (): Promise<string[]> => Array.fromAsync(direct.list(), ({ name }) => name);

async function bytes(name: string): Promise<Uint8Array> {
  await using opened = await direct.open(name);
  return await opened.bytes();
}

const REQUESTS: Readonly<Record<string, (request: SeenRequest) => boolean>> = {
  'the single upload, or the reservation': ({ method, query }) =>
    method === 'PUT' && !query.has('partNumber'),
  'the start of the upload': ({ method, query }) => method === 'POST' && query.has('uploads'),
  'a part': ({ query }) => query.get('partNumber') === '2',
  'the completion': ({ method, query }) => method === 'POST' && query.has('uploadId'),
};

const FAULTS: readonly Fault[] = [
  { kind: 'lost-answer' },
  { kind: 'status', status: 503, code: 'SlowDown' },
  { kind: 'status', status: 500, code: 'InternalError' },
  { kind: 'blackhole' },
];

describe.each(FAULTS)('$kind $status', fault => {
  for (const [what, fits] of Object.entries(REQUESTS))
    test(`at ${what}: a stream of unknown length is stored once, or not at all`, async () => {
      proxy.once(fits, fault);
      await doneOnceOrNot(() => storage.save('a.bin', oneShot()));
    });

  test('a short stream is stored once, or not at all', async () => {
    proxy.once(({ method }) => method === 'PUT', fault);
    await doneOnceOrNot(
      () => storage.save('a.bin', oneShot(BYTES.subarray(0, 1000))),
      BYTES.subarray(0, 1000),
    );
  });

  test('bytes are stored, once', async () => {
    for (const content of [BYTES.subarray(0, 1000), BYTES]) {
      proxy.once(({ method }) => method === 'PUT', fault);
      const name = await storage.save('a.bin', content);
      expect(name).toBe('a.bin');
      expect(Buffer.compare(await bytes(name), content)).toBe(0);
      expect(await names()).toEqual(['a.bin']);
      await direct.delete(name);
    }
  });

  test('a copy is made once', async () => {
    await direct.save('a.txt', 'one');
    proxy.once(({ method }) => method === 'PUT', fault);
    expect(await storage.copy('a.txt', 'b.txt')).toBe('b.txt');
    expect(await names()).toEqual(['a.txt', 'b.txt']);
  });

  test('a replacement is made once, and a delete', async () => {
    await direct.save('a.txt', 'old');
    const { version } = await direct.info('a.txt');
    proxy.once(({ method }) => method === 'PUT', fault);
    await storage.replace('a.txt', 'new', { ifMatch: version });
    expect(Buffer.from(await bytes('a.txt')).toString()).toBe('new');
    proxy.once(({ method }) => method === 'DELETE', fault);
    await storage.delete('a.txt');
    proxy.once(({ method }) => method === 'POST', fault);
    await direct.save('b.txt', 'b');
    expect([...(await storage.deleteMany(['b.txt']))]).toEqual([]);
    expect(await names()).toEqual([]);
  });
});

describe('a connection that breaks', () => {
  const tenths = Array.from({ length: 10 }, (_, tenth) => Math.floor((SIZE * tenth) / 10));

  test('while bytes go up: they are sent again from the beginning', async () => {
    for (const afterBytes of tenths) {
      proxy.once(({ method }) => method === 'PUT', { kind: 'reset-upload', afterBytes });
      expect(await storage.save('a.bin', BYTES)).toBe('a.bin');
      expect(Buffer.compare(await bytes('a.bin'), BYTES)).toBe(0);
      await direct.delete('a.bin');
    }
  });

  test('while a stream of known length goes up: an error that it did not happen, and nothing is left', async () => {
    for (const afterBytes of tenths) {
      proxy.once(({ method, query }) => method === 'PUT' && !query.has('uploadId'), {
        kind: 'reset-upload',
        afterBytes,
      });
      await doneOnceOrNot(() => storage.save('a.bin', oneShot(), { sizeBytes: SIZE }));
    }
  });

  test('while a part goes up: it is sent again', async () => {
    proxy.once(({ query }) => query.has('partNumber'), { kind: 'reset-upload', afterBytes: MEBIBYTE });
    expect(await storage.save('a.bin', oneShot())).toBe('a.bin');
    expect(Buffer.compare(await bytes('a.bin'), BYTES)).toBe(0);
  });

  test('at any tenth of a stream of unknown length: what was under way is sent again', async () => {
    for (const afterBytes of tenths) {
      proxy.resetOnceAfter('upload', afterBytes);
      await doneOnceOrNot(() => storage.save('a.bin', oneShot()));
    }
  });

  test('while bytes come down: the rest is asked for, of the same version', async () => {
    await direct.save('a.bin', BYTES);
    for (const afterBytes of tenths) {
      proxy.once(({ method }) => method === 'GET', { kind: 'reset-download', afterBytes });
      await using opened = await storage.open('a.bin');
      expect(Buffer.compare(await opened.bytes(), BYTES)).toBe(0);
    }
  });
});

describe('an abort while a request is on its way', () => {
  const CALLS: Readonly<Record<string, (signal: AbortSignal) => Promise<unknown>>> = {
    'a stream': signal => storage.save('a.bin', oneShot(), { signal }),
    'a stream of known length': signal => storage.save('a.bin', oneShot(), { signal, sizeBytes: SIZE }),
    bytes: signal => storage.save('a.bin', BYTES, { signal }),
    'a few bytes': signal => storage.save('a.bin', 'few', { signal }),
    'a copy': signal => storage.copy('old.txt', 'a.bin', { signal }),
  };

  for (const [what, call] of Object.entries(CALLS))
    for (const [at, fits] of Object.entries(REQUESTS))
      test(`of ${what}, at ${at}: nothing of it is there, then or later`, async () => {
        await direct.save('old.txt', 'old');
        const controller = new AbortController();
        proxy.plan = seen => {
          if (fits(seen)) controller.abort();
          return undefined;
        };
        const outcome = await call(controller.signal).catch((error: unknown) => error);
        if (controller.signal.aborted) {
          expect(outcome).toMatchObject({ code: 'aborted', applied: false });
          expect(await names()).toEqual(['old.txt']);
        }
        expect(await uploads()).toBe(0);
        expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
      });
});

describe('a connection that crawls', () => {
  const content = BYTES.subarray(0, 200_000);
  const slow: Fault = { kind: 'trickle', pieceBytes: 16_384, pauseMs: 100 };

  test('is waited for as long as bytes come down', async () => {
    await direct.save('a.bin', content);
    proxy.once(({ method }) => method === 'GET', slow);
    await using opened = await storage.open('a.bin');
    expect(Buffer.compare(await opened.bytes(), content)).toBe(0);
  });

  test('is waited for when bytes go up', async () => {
    // What the system has taken off our hands is no longer seen to move.
    await using patient = new S3Storage({ ...optionsOf(proxy.endpoint), timeoutSeconds: 30 });
    proxy.once(({ method }) => method === 'PUT', slow);
    expect(await patient.save('a.bin', oneShot(content))).toBe('a.bin');
    expect(Buffer.compare(await bytes('a.bin'), content)).toBe(0);
  });

  test('is given up when none come: a download goes on where it stood, an upload begins again', async () => {
    const stalled: Fault = { kind: 'trickle', pieceBytes: 50_000, pauseMs: 60_000 };
    proxy.once(({ method }) => method === 'PUT', stalled);
    expect(await storage.save('a.bin', BYTES)).toBe('a.bin');
    proxy.once(({ method }) => method === 'GET', stalled);
    await using opened = await storage.open('a.bin');
    expect(Buffer.compare(await opened.bytes(), BYTES)).toBe(0);
  });

  test('never answered at all: a typed error, and the time it takes is limited', async () => {
    await direct.save('old.txt', 'old');
    proxy.plan = () => ({ kind: 'blackhole' });
    await using impatient = new S3Storage({ ...optionsOf(proxy.endpoint), retry: { attempts: 1 } });
    for (const call of [
      () => impatient.open('old.txt'),
      () => impatient.info('old.txt'),
      () => impatient.listdir(),
      () => impatient.delete('old.txt'),
    ])
      await expect(call()).rejects.toMatchObject({ code: 'timeout', retryable: true });
    proxy.heal();
    expect(await names()).toEqual(['old.txt']);
  });
});

test.each([503, 429])('a service that is busy (%i) says how long to wait', async status => {
  proxy.plan = () => ({ kind: 'status', status, code: 'SlowDown', retryAfterSeconds: 7 });
  await using impatient = new S3Storage({ ...optionsOf(proxy.endpoint), retry: { attempts: 1 } });
  for (const call of [
    () => impatient.save('a.txt', 'one'),
    () => impatient.info('a.txt'),
    () => impatient.listdir(),
  ])
    await expect(call()).rejects.toMatchObject({
      code: 'throttled',
      retryable: true,
      retryAfterSeconds: 7,
      applied: false,
    });
});

test('a server that cannot be reached: nothing happened, and it is worth another try', async () => {
  await proxy[Symbol.asyncDispose]();
  const error = await storage.save('a.txt', 'one').catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: 'backend', retryable: true, applied: false });
});

/** Whatever the call says must be so, and nothing is left beside it. */
async function doneOnceOrNot(call: () => Promise<string>, content: Uint8Array = BYTES): Promise<void> {
  const outcome = await call().catch((error: unknown) => error);
  proxy.plan = () => undefined;
  if (typeof outcome === 'string') {
    expect(Buffer.compare(await bytes(outcome), content)).toBe(0);
    expect(await names()).toEqual([outcome]);
    await direct.delete(outcome);
  } else {
    if (!isFieldFileError(outcome)) throw outcome;
    expect(outcome).toMatchObject({ applied: false, retryable: true });
    expect(await names()).toEqual([]);
  }
  expect(await uploads()).toBe(0);
}
