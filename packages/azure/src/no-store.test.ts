import { type Fault, FaultProxy } from '@fieldfile/test-servers/fault-proxy';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AzureStorage } from './storage.ts';

let proxy: FaultProxy;
let storage: AzureStorage;
beforeAll(async () => {
  proxy = await FaultProxy.startPage();
  storage = new AzureStorage({
    azureContainer: 'media',
    endpoint: `${proxy.endpoint}/account`,
    accountName: 'account',
    accountKey: Buffer.from('key').toString('base64'),
    retry: { baseDelayMs: 0 },
  });
});
afterAll(async () => {
  await storage[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
});

const PAGES: Readonly<Record<string, Fault>> = {
  'a web page': { kind: 'page' },
  'a document of JSON': {
    kind: 'page',
    headers: { 'content-type': 'application/json' },
    body: '{"status":"ok"}',
  },
  nothing: { kind: 'page', headers: { 'content-type': 'text/plain' }, body: '' },
  'well-formed XML': {
    kind: 'page',
    headers: { 'content-type': 'application/xml' },
    body: '<?xml version="1.0"?><html/>',
  },
};

const CALLS: Readonly<Record<string, () => Promise<unknown>>> = {
  save: () => storage.save('a.txt', 'one'),
  replace: () => storage.replace('a.txt', 'one'),
  copy: () => storage.copy('a.txt', 'b.txt'),
  info: () => storage.info('a.txt'),
  exists: () => storage.exists('a.txt'),
  open: () => storage.open('a.txt'),
  delete: () => storage.delete('a.txt'),
  deleteMany: () => storage.deleteMany(['a.txt']),
  list: () => Array.fromAsync(storage.list()),
  listdir: () => storage.listdir(),
};

describe.each(Object.entries(PAGES))('where %s answers everything', (_what, page) => {
  test.each(Object.entries(CALLS))('%s fails', async (_name, call) => {
    proxy.plan = () => page;
    await expect(call()).rejects.toMatchObject({
      code: 'backend',
      retryable: false,
      message: expect.stringMatching(/not the service/),
    });
  });
});

test('a listing that goes in a circle fails', async () => {
  for (const length of [1, 3]) {
    let page = 0;
    proxy.plan = () => ({
      kind: 'page',
      headers: { 'content-type': 'application/xml' },
      body: `<?xml version="1.0"?><EnumerationResults ContainerName="media"><Blobs/><NextMarker>${page++ % length}</NextMarker></EnumerationResults>`,
    });
    await expect(Array.fromAsync(storage.list())).rejects.toMatchObject({
      code: 'backend',
      retryable: false,
    });
  }
});
