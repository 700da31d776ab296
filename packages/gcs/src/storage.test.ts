import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { Storage } from '@fieldfile/storage';
import type { ObjectName } from '@fieldfile/storage/backend';
import { startGcsServer } from '@fieldfile/test-servers/gcs';
import { connect } from '@fieldfile/test-servers/gcs-client';
import { afterAll, expect, test } from 'vitest';
import { GcsBackend } from './backend.ts';
import { GcsStorage } from './storage.ts';

const server = await startGcsServer({ buckets: ['media'], requireAuthorization: true });
afterAll(() => server.close());
const client = await connect(server);
const storage = new GcsStorage({ bucketName: 'media', client });

async function namesOf(some: Storage): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of some.list()) names.push(name);
  return names;
}

test('metadata comes back as it was given, whatever its letters, however it is asked for', async () => {
  const metadata = { author: 'Jürgen 🦜', 'with-dash': 'two words', empty: '' };
  const name = await storage.save('meta.txt', 'x', { metadata });
  await using opened = await storage.open(name);
  expect(opened.info.metadata).toEqual(metadata);
  const { metadata: asked, ...stat } = await storage.info(name);
  expect(asked).toEqual(metadata);
  expect(opened.info).toMatchObject({ ...stat, lastModified: expect.any(Date) });
});

test('a copy keeps every attribute of the original', async () => {
  await storage.save('original.txt', 'x', {
    contentType: 'text/csv',
    cacheControl: 'max-age=60',
    contentDisposition: 'inline',
    metadata: { a: 'b' },
  });
  const name = await storage.copy('original.txt', 'copied.txt');
  const [resource] = await client.bucket('media').file(name).getMetadata();
  expect(resource).toMatchObject({
    contentType: 'text/csv',
    cacheControl: 'max-age=60',
    contentDisposition: 'inline',
    metadata: { a: 'b' },
  });
});

test('object parameters go to every object, and what a call says goes before them', async () => {
  const parameters = new GcsStorage({
    bucketName: 'media',
    client,
    objectParameters: name => ({
      cacheControl: 'no-store',
      storageClass: name.endsWith('.log') ? 'NEARLINE' : 'STANDARD',
      metadata: { origin: 'test' },
    }),
  });
  const name = await parameters.save('a.log', 'x', { cacheControl: 'max-age=1', metadata: { more: '1' } });
  const [resource] = await client.bucket('media').file(name).getMetadata();
  expect(resource).toMatchObject({ cacheControl: 'max-age=1', storageClass: 'NEARLINE' });
  expect((await parameters.info(name)).metadata).toEqual({ origin: 'test', more: '1' });
});

test('object parameters go to copies, too, after what the original has', async () => {
  const plain = new GcsStorage({ bucketName: 'media', client });
  const original = await plain.save('original.txt', 'x', { cacheControl: 'max-age=1' });
  const objectParameters = {
    cacheControl: 'no-store',
    contentLanguage: 'de',
    contentEncoding: 'gzip',
    storageClass: 'NEARLINE',
  };
  const parameters = new GcsStorage({ bucketName: 'media', client, objectParameters });
  const kept = await parameters.copy(original, 'kept.txt');
  const given = await parameters.copy(original, 'given.txt', { cacheControl: 'max-age=2' });
  const metadata = async (name: string) => (await client.bucket('media').file(name).getMetadata())[0];
  const always = { contentLanguage: 'de', storageClass: 'NEARLINE' };
  expect(await metadata(kept)).toMatchObject({ ...always, cacheControl: 'max-age=1' });
  expect(await metadata(given)).toMatchObject({ ...always, cacheControl: 'max-age=2' });
  expect((await metadata(kept)).contentEncoding).toBeUndefined();
});

test('objects that have no name here are passed by', async () => {
  const bucket = client.bucket('media');
  for (const key of ['foreign/', 'foreign/a//b', 'foreign/../up', 'foreign/x:y.txt'])
    await bucket.file(key).save('x', { resumable: false });
  expect(await Array.fromAsync(storage.list('foreign/'), ({ name }) => name)).toEqual(['foreign/x:y.txt']);
  expect(await storage.listdir('foreign')).toEqual({ folders: ['a'], files: ['x:y.txt'] });
});

test('a location is a folder of its own', async () => {
  await client.createBucket('shared');
  const tenant = new GcsStorage({ bucketName: 'shared', client, location: 'tenants/7' });
  await tenant.save('a.txt', 'x');
  expect(await namesOf(tenant)).toEqual(['a.txt']);
  expect(await client.bucket('shared').file('tenants/7/a.txt').exists()).toEqual([true]);
  expect(new URL(tenant.publicUrl('a.txt')).pathname).toBe('/shared/tenants/7/a.txt');
  expect((await fetch(await tenant.signedUrl('a.txt', { expiresInSeconds: 60 }))).status).toBe(200);
});

test('a missing bucket is told from a missing object, and named', async () => {
  const lost = new GcsStorage({ bucketName: 'no-such-bucket', client });
  const calls = [
    () => lost.exists('a.txt'),
    () => lost.info('a.txt'),
    () => lost.open('a.txt'),
    () => lost.save('a.txt', 'x'),
    () => lost.delete('a.txt'),
    () => namesOf(lost),
  ];
  for (const call of calls)
    await expect(call()).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('the bucket "no-such-bucket"'),
    });
  expect(await storage.exists('missing.txt')).toBe(false);
});

test('a wrong credential, a missing bucket, what is forbidden and a missing object are told apart, without a secret', async () => {
  const as = async (token: string, bucketName = 'media'): Promise<GcsStorage> =>
    new GcsStorage({ bucketName, client: await connect(server, token) });
  const wrong = 'a-token-that-nobody-knows';
  const told = [
    ['permission', /credentials are not accepted/, () => as(wrong).then(one => one.open('a.txt'))],
    [
      'not-found',
      /the bucket "no-such-bucket"/,
      () => as(server.accessToken, 'no-such-bucket').then(one => one.open('a.txt')),
    ],
    [
      'permission',
      /the service refuses/,
      () => as(server.readOnlyAccessToken).then(one => one.save('a.txt', 'x')),
    ],
    [
      'not-found',
      /"missing.txt".* it does not exist/,
      () => as(server.accessToken).then(one => one.open('missing.txt')),
    ],
  ] as const;
  for (const [code, message, act] of told) {
    const error = await act().catch(error => error);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message), applied: false });
    const shown = `${inspect(error, { depth: 20, showHidden: true })} ${JSON.stringify(error)}`;
    for (const secret of [wrong, server.accessToken, server.readOnlyAccessToken, 'PRIVATE KEY'])
      expect(shown).not.toContain(secret);
  }
});

test('the quota project of the credentials goes along with every request', async () => {
  const asked: (string | undefined)[] = [];
  const service = createServer((request, response) => {
    asked.push(request.headers['x-goog-user-project'] as string | undefined);
    response
      .writeHead(404, { 'content-type': 'application/json' })
      .end('{"error":{"message":"No such object"}}');
  });
  await new Promise<void>(resolve => service.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = service.address() as AddressInfo;
    const quota = await connect(server, server.accessToken, `http://127.0.0.1:${port}`);
    (await quota.authClient.getClient()).quotaProjectId = 'who-pays';
    expect(await new GcsStorage({ bucketName: 'media', client: quota }).exists('a.txt')).toBe(false);
    expect(asked).toEqual(['who-pays']);
  } finally {
    service.closeAllConnections();
    service.close();
  }
});

test('an object is removed and replaced only in the generation asked for', async () => {
  const name = await storage.save('generation.txt', 'one');
  const { version } = await storage.info(name);
  await storage.replace(name, 'two', { ifMatch: version });
  for (const call of [
    () => storage.backend.remove(name as ObjectName, { ifMatch: version }),
    () => storage.replace(name, 'three', { ifMatch: version }),
  ])
    await expect(call()).rejects.toMatchObject({ code: 'precondition', applied: false });
  const { version: current } = await storage.info(name);
  expect(await storage.backend.remove(name as ObjectName, { ifMatch: current })).toBe(true);
});

test('a client that may only read is told so when it writes', async () => {
  await storage.save('read-only.txt', 'x');
  const reader = new GcsStorage({
    bucketName: 'media',
    client: await connect(server, server.readOnlyAccessToken),
  });
  expect(await reader.exists('read-only.txt')).toBe(true);
  for (const call of [
    () => reader.save('new.txt', 'x'),
    () => reader.replace('read-only.txt', 'y'),
    () => reader.delete('read-only.txt'),
    () => reader.copy('read-only.txt', 'new.txt'),
  ])
    await expect(call()).rejects.toMatchObject({ code: 'permission', applied: false, retryable: false });
});

test('an emulator without credentials can be used', async () => {
  await using emulator = await startGcsServer({ buckets: ['media'] });
  await using local = new GcsStorage({ bucketName: 'media', apiEndpoint: emulator.endpoint, projectId: 'p' });
  const name = await local.save('a.txt', 'hello', { metadata: { a: 'b' } });
  await using opened = await local.open(name, { start: 1, endExclusive: 3 });
  expect(await opened.text()).toBe('el');
  expect(opened.info).toMatchObject({ sizeBytes: 5, metadata: { a: 'b' } });
  await using behind = await local.open(name, { start: 5 });
  expect(await behind.text()).toBe('');
});

test('a name that is held for an upload is occupied, and yet no object', async () => {
  const small = new Storage(new GcsBackend({ bucketName: 'media', client, blobChunkSize: 256 * 1024 }));
  const asked = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  async function* slow(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(600 * 1024);
    asked.resolve();
    await go.promise;
    yield new Uint8Array(1);
  }
  const saving = small.save('held.bin', slow());
  await asked.promise;
  await expect.poll(async () => (await client.bucket('media').file('held.bin').exists())[0]).toBe(true);
  expect(await small.exists('held.bin')).toBe(false);
  expect(await namesOf(small)).not.toContain('held.bin');
  await expect(small.open('held.bin')).rejects.toMatchObject({ code: 'not-found' });
  expect(await small.save('held.bin', 'other')).not.toBe('held.bin');
  go.resolve();
  expect(await saving).toBe('held.bin');
  expect((await small.info('held.bin')).sizeBytes).toBe(600 * 1024 + 1);
});

test('a replace whose stream fails keeps the old content', async () => {
  const small = new Storage(new GcsBackend({ bucketName: 'media', client, blobChunkSize: 256 * 1024 }));
  await small.save('kept.bin', 'old');
  const failure = new Error('the stream broke');
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(600 * 1024);
    throw failure;
  }
  await expect(small.replace('kept.bin', failing())).rejects.toBe(failure);
  await using opened = await small.open('kept.bin');
  expect(await opened.text()).toBe('old');
  expect(server.pendingUploads).toBe(0);
});
