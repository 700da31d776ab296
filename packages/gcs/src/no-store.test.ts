import { type Fault, FaultProxy } from '@fieldfile/test-servers/fault-proxy';
import { type GcsServer, startGcsServer } from '@fieldfile/test-servers/gcs';
import { connect } from '@fieldfile/test-servers/gcs-client';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { GcsStorage } from './storage.ts';

let server: GcsServer;
let proxy: FaultProxy;
let storage: GcsStorage;
beforeAll(async () => {
  server = await startGcsServer({ requireAuthorization: true });
  await (await connect(server)).createBucket('media');
  proxy = await FaultProxy.start(server.endpoint);
  const client = await connect(server, undefined, proxy.endpoint);
  storage = new GcsStorage({ bucketName: 'media', client, retry: { baseDelayMs: 0 } });
});
afterAll(async () => {
  await storage[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
  await server.close();
});
beforeEach(() => proxy.heal());

const json = (body: unknown): Fault => ({
  kind: 'page',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

const stream = async function* (): AsyncGenerator<Uint8Array> {
  for (let sent = 0; sent < 12; sent++) yield new Uint8Array(1024 * 1024);
};

const CALLS: Readonly<Record<string, () => Promise<unknown>>> = {
  save: () => storage.save('a.txt', 'one'),
  'save of a stream': () => storage.save('a.txt', stream()),
  'save of large bytes': () => storage.save('a.txt', new Uint8Array(12 * 1024 * 1024)),
  replace: () => storage.replace('a.txt', 'one'),
  copy: () => storage.copy('a.txt', 'b.txt'),
  info: () => storage.info('a.txt'),
  exists: () => storage.exists('a.txt'),
  open: () => storage.open('a.txt'),
  list: () => Array.fromAsync(storage.list()),
};

describe.each([{ status: 'ok' }, [], 'text', null, { kind: 'storage#bucket' }, { done: false }])(
  'where the JSON %j answers everything',
  answer => {
    test.each(Object.entries(CALLS))('%s fails', async (_name, call) => {
      proxy.plan = () => json(answer);
      await expect(call()).rejects.toMatchObject({ code: 'backend', retryable: false });
    });
  },
);

const RESOURCE = { name: 'a.txt', generation: '7', timeCreated: '2026-01-02T03:04:05Z' };

test('an object whose size is not told has none; one that is no number is refused', async () => {
  proxy.plan = () => json(RESOURCE);
  expect((await storage.info('a.txt')).sizeBytes).toBe(0);
  proxy.plan = () =>
    json({ kind: 'storage#objects', items: [RESOURCE, { ...RESOURCE, name: 'b.txt', size: '3' }] });
  const listed = await Array.fromAsync(storage.list(), ({ sizeBytes }) => sizeBytes);
  expect(listed).toEqual([0, 3]);
  for (const size of ['many', '-1', 'NaN', '1.5']) {
    proxy.plan = () => json({ ...RESOURCE, size });
    await expect(storage.info('a.txt')).rejects.toMatchObject({ code: 'backend' });
    proxy.plan = () => json({ kind: 'storage#objects', items: [{ ...RESOURCE, size }] });
    await expect(Array.fromAsync(storage.list())).rejects.toMatchObject({ code: 'backend' });
  }
});

test('a download that does not tell the stored length is read by the length of the answer', async () => {
  const headers = { 'x-goog-generation': '7', 'content-type': 'text/plain' };
  proxy.plan = () => ({ kind: 'page', headers, body: 'seven b' });
  await using opened = await storage.open('a.txt');
  expect(opened.info).toMatchObject({ sizeBytes: 7, lastModified: new Date(0) });
  expect(await opened.text()).toBe('seven b');
});

test('a time that is not told is the beginning of time', async () => {
  const { timeCreated: _, ...resource } = RESOURCE;
  proxy.plan = () => json({ ...resource, size: '1' });
  expect((await storage.info('a.txt')).lastModified).toEqual(new Date(0));
});

test('an object that is a web page is read', async () => {
  const name = await storage.save('page.html', '<!doctype html>', { contentType: 'text/html' });
  await using opened = await storage.open(name);
  expect(await opened.text()).toBe('<!doctype html>');
});

test('a listing that goes in a circle fails', async () => {
  for (const length of [1, 3]) {
    let page = 0;
    proxy.plan = () => json({ kind: 'storage#objects', nextPageToken: `${page++ % length}` });
    await expect(Array.fromAsync(storage.list())).rejects.toMatchObject({
      code: 'backend',
      retryable: false,
    });
  }
});
