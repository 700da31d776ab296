import { isFieldFileError, Storage } from '@fieldfile/storage';
import { type Fault, FaultProxy, type SeenRequest } from '@fieldfile/test-servers/fault-proxy';
import { startGcsServer } from '@fieldfile/test-servers/gcs';
import { connect } from '@fieldfile/test-servers/gcs-client';
import { afterAll, afterEach, expect, test } from 'vitest';
import { GcsBackend } from './backend.ts';

const MiB = 1024 * 1024;
const SIZE = 3 * MiB;
const BYTES = Uint8Array.from({ length: SIZE }, (_, index) => (index * 31) % 251);

const server = await startGcsServer({ buckets: ['media'], requireAuthorization: true });
const proxy = await FaultProxy.start(server.endpoint);
const client = await connect(server, server.accessToken, proxy.endpoint);
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await server.close();
});

/** Parts of 1 MiB, retries without waiting, an answer within half a second. */
const backend = new GcsBackend({
  bucketName: 'media',
  client,
  blobChunkSize: MiB,
  timeoutMs: 500,
  retry: { baseDelayMs: 0 },
});
const storage = new Storage(backend, { retry: { baseDelayMs: 0 } });

async function* stream(): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < SIZE; at += 100_000) yield BYTES.subarray(at, at + 100_000);
}

const contents = { bytes: () => BYTES.subarray(0, 500_000), 'large bytes': () => BYTES, 'a stream': stream };

async function names(): Promise<string[]> {
  const listed: string[] = [];
  for await (const { name } of storage.list()) listed.push(name);
  return listed;
}

async function bytesOf(name: string): Promise<Uint8Array> {
  await using opened = await storage.open(name, { verify: true });
  return await opened.bytes();
}

afterEach(async () => {
  proxy.heal();
  expect(server.pendingUploads, 'uploads left').toBe(0);
  for (const name of await names()) await storage.delete(name);
});

const uploads = ({ method, path }: SeenRequest): boolean =>
  (method === 'POST' || method === 'PUT') && path.startsWith('/upload');
const puts = ({ method }: SeenRequest): boolean => method === 'PUT';
const downloads = ({ method, path }: SeenRequest): boolean => method === 'GET' && path.startsWith('/media/');
const tenths = Array.from({ length: 10 }, (_, tenth) => tenth / 10);

for (const [what, content] of Object.entries(contents)) {
  test.each(tenths)(`${what}: a reset after %d of a request's bytes is made good, once`, async tenth => {
    const size = what === 'bytes' ? 500_000 : MiB;
    proxy.once(what === 'bytes' ? uploads : puts, { kind: 'reset-upload', afterBytes: size * tenth });
    expect(await storage.save('a.bin', content())).toBe('a.bin');
    expect(
      Buffer.compare(await bytesOf('a.bin'), what === 'bytes' ? BYTES.subarray(0, 500_000) : BYTES),
    ).toBe(0);
    expect(await names()).toEqual(['a.bin']);
  });

  test.each([
    ['is lost', { kind: 'lost-answer' }],
    ['is cut off', { kind: 'reset-download', afterBytes: 100 }],
    ['never comes', { kind: 'no-answer' }],
  ] satisfies [string, Fault][])(
    `${what}: when the last answer %s it is stored once`,
    async (_how, fault) => {
      // The last request is the one that says how many bytes there are, or the only one.
      proxy.once(uploads, fault, what === 'bytes' ? 1 : what === 'a stream' ? 5 : 4);
      expect(await storage.save('a.bin', content())).toBe('a.bin');
      expect(await names()).toEqual(['a.bin']);
      expect((await storage.info('a.bin')).sizeBytes).toBe(what === 'bytes' ? 500_000 : SIZE);
    },
  );
}

test('a lost answer to a reservation is made good, since the stream was not read', async () => {
  proxy.once(({ query }) => query.get('uploadType') === 'multipart', { kind: 'lost-answer' });
  async function* unread(): AsyncGenerator<Uint8Array> {
    yield* stream();
  }
  const name = await storage.save('a.bin', unread(), { sizeBytes: SIZE });
  expect(name).toBe('a.bin');
  expect(await names()).toEqual(['a.bin']);
});

test('a stream is given up with a typed error when its connection fails again and again, and nothing is left', async () => {
  proxy.plan = request => (puts(request) ? { kind: 'reset-upload', afterBytes: 1000 } : undefined);
  const error = await storage.save('a.bin', stream()).catch(error => error);
  expect(isFieldFileError(error)).toBe(true);
  expect(error).toMatchObject({ applied: false, retryable: true });
  proxy.heal();
  expect(await names()).toEqual([]);
  expect(await storage.save('a.bin', 'free again')).toBe('a.bin');
});

test.each(tenths)('a download reset after %d of its bytes goes on where it stopped', async tenth => {
  await storage.save('a.bin', BYTES);
  proxy.once(downloads, { kind: 'reset-download', afterBytes: SIZE * tenth });
  expect(Buffer.compare(await bytesOf('a.bin'), BYTES)).toBe(0);
});

test('a download that stalls is taken up again', async () => {
  await storage.save('a.bin', BYTES);
  proxy.once(downloads, { kind: 'trickle', pieceBytes: 1000, pauseMs: 60_000 });
  expect(Buffer.compare(await bytesOf('a.bin'), BYTES)).toBe(0);
});

const MUTATIONS: Record<
  string,
  { request: (request: SeenRequest) => boolean; act: () => Promise<unknown>; left: string[] }
> = {
  delete: { request: ({ method }) => method === 'DELETE', act: () => storage.delete('old.txt'), left: [] },
  copy: {
    request: ({ path }) => path.includes('rewriteTo'),
    act: () => storage.copy('old.txt', 'new.txt'),
    left: ['new.txt', 'old.txt'],
  },
  replace: { request: uploads, act: () => storage.replace('old.txt', 'new'), left: ['old.txt'] },
};

for (const [operation, { request, act, left }] of Object.entries(MUTATIONS)) {
  test(`a lost answer to ${operation}() is resolved`, async () => {
    await storage.save('old.txt', 'old');
    proxy.once(request, { kind: 'lost-answer' });
    await act();
    expect(await names()).toEqual(left);
    if (operation === 'replace') {
      await using opened = await storage.open('old.txt');
      expect(await opened.text()).toBe('new');
    }
  });
}

test.each([503, 429])('a service that is busy (%i) says how long to wait', async status => {
  proxy.plan = () => ({ kind: 'status', status, retryAfterSeconds: 7 });
  const impatient = new Storage(new GcsBackend({ bucketName: 'media', client, retry: { attempts: 1 } }), {
    retry: { attempts: 1 },
  });
  for (const call of [
    () => impatient.save('a.txt', 'one'),
    () => impatient.info('a.txt'),
    () => impatient.listdir(),
  ])
    await expect(call()).rejects.toMatchObject({ code: 'throttled', retryable: true, retryAfterSeconds: 7 });
});

test('a service that nobody can reach is a retryable error, and nothing was applied', async () => {
  const unreachable = await connect(server, server.accessToken, 'http://127.0.0.1:1');
  const away = new Storage(new GcsBackend({ bucketName: 'media', client: unreachable }), {
    retry: { attempts: 1 },
  });
  const error = await away.save('a.txt', 'x').catch(error => error);
  expect(error).toMatchObject({ code: 'backend', retryable: true, applied: false });
});

test('an abort while nothing answers rejects soon and leaves nothing', async () => {
  proxy.plan = request => (puts(request) ? { kind: 'blackhole' } : undefined);
  const controller = new AbortController();
  const patient = new Storage(new GcsBackend({ bucketName: 'media', client, blobChunkSize: MiB }));
  const saving = patient.save('a.bin', stream(), { signal: controller.signal });
  await expect.poll(() => server.pendingUploads).toBe(1);
  controller.abort();
  await expect(saving).rejects.toMatchObject({ code: 'aborted' });
  proxy.heal();
  expect(await names()).toEqual([]);
});

test('a stream that fails rejects with its own error at once, also while the service is silent', async () => {
  proxy.plan = request => (puts(request) ? { kind: 'blackhole' } : undefined);
  const patient = new Storage(new GcsBackend({ bucketName: 'media', client, blobChunkSize: MiB }));
  const failure = new Error('the stream broke');
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield BYTES.subarray(0, MiB + 1);
    await expect.poll(() => server.pendingUploads).toBe(1);
    throw failure;
  }
  await expect(patient.save('a.bin', failing(), { sizeBytes: SIZE })).rejects.toBe(failure);
  proxy.heal();
  expect(await names()).toEqual([]);
});

test.each([503, 429])(
  'a call that is answered %i once is made again after the time asked for',
  async status => {
    await storage.save('a.bin', stream());
    const calls: Record<string, () => Promise<unknown>> = {
      save: () => storage.save('b.bin', stream()),
      replace: () => storage.replace('a.bin', BYTES),
      copy: () => storage.copy('a.bin', 'c.bin'),
      read: () => bytesOf('a.bin'),
      delete: () => storage.delete('b.bin'),
    };
    for (const [name, call] of Object.entries(calls)) {
      proxy.once(() => true, { kind: 'status', status, retryAfterSeconds: 0 });
      await call();
      expect(proxy.struck, name).toBe(1);
    }
    expect(await names()).toEqual(['a.bin', 'c.bin']);
  },
);
