import { isFieldFileError } from '@fieldfile/storage';
import { type Fault, FaultProxy } from '@fieldfile/test-servers/fault-proxy';
import { type S3Server, startS3Server } from '@fieldfile/test-servers/s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { optionsFor } from '../test/open-storage.ts';
import type { S3StorageOptions } from './options.ts';
import { S3Storage } from './storage.ts';

let server: S3Server;
let proxy: FaultProxy;
beforeAll(async () => {
  server = await startS3Server({ buckets: ['media'] });
  proxy = await FaultProxy.start(server.endpoint);
});
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await server.close();
});
beforeEach(() => proxy.heal());

const open = (options: Partial<S3StorageOptions> = {}): S3Storage =>
  new S3Storage(optionsFor(server, { endpointUrl: proxy.endpoint, ...options }));

const PAGES: Readonly<Record<string, Fault>> = {
  'a web page': { kind: 'page' },
  'a web page of a file server': {
    kind: 'page',
    headers: { etag: '"5e9f-1a2b"', 'last-modified': new Date(0).toUTCString() },
  },
  'a document of JSON': {
    kind: 'page',
    headers: { 'content-type': 'application/json' },
    body: '{"status":"ok"}',
  },
  nothing: { kind: 'page', headers: { 'content-type': 'text/plain' }, body: '' },
  'well-formed XML': {
    kind: 'page',
    headers: { 'content-type': 'application/xml' },
    body: '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head/><body/></html>',
  },
};

const stream = async function* (): AsyncGenerator<Uint8Array> {
  for (let sent = 0; sent < 12; sent++) yield new Uint8Array(1024 * 1024);
};

const CALLS: Readonly<Record<string, (storage: S3Storage) => Promise<unknown>>> = {
  save: storage => storage.save('a.txt', 'one'),
  'save of a stream': storage => storage.save('a.txt', stream()),
  replace: storage => storage.replace('a.txt', 'one'),
  copy: storage => storage.copy('a.txt', 'b.txt'),
  move: storage => storage.move('a.txt', 'b.txt'),
  info: storage => storage.info('a.txt'),
  exists: storage => storage.exists('a.txt'),
  open: storage => storage.open('a.txt'),
  delete: storage => storage.delete('a.txt'),
  deleteMany: storage => storage.deleteMany(['a.txt']),
  list: storage => Array.fromAsync(storage.list()),
  listdir: storage => storage.listdir(),
};

describe.each(Object.entries(PAGES))('where %s answers everything', (_what, page) => {
  test.each(Object.entries(CALLS))('%s fails', async (_name, call) => {
    for (const options of [{}, { conditionalWrites: 'supported' }] as const) {
      await using storage = open(options);
      proxy.plan = () => page;
      const outcome = await call(storage).catch((error: unknown) => error);
      expect(isFieldFileError(outcome)).toBe(true);
      expect(outcome).toMatchObject({
        code: 'backend',
        retryable: false,
        message: expect.stringMatching(/no S3 service/),
      });
    }
  });

  test.each(['PUT', 'POST'])('what it answers to a %s alone stores nothing unseen', async method => {
    for (const content of ['one', stream()]) {
      await using storage = open({ conditionalWrites: 'supported' });
      proxy.plan = request => (request.method === method ? page : undefined);
      const name = `${crypto.randomUUID()}.txt`;
      const saved = await storage.save(name, content).catch((error: unknown) => error);
      proxy.heal();
      if (typeof saved === 'string') expect((await storage.info(saved)).sizeBytes).toBeGreaterThan(0);
      else {
        expect(saved).toMatchObject({ code: 'backend', applied: false });
        expect(await storage.exists(name)).toBe(false);
      }
    }
  });
});

test('an object that is a web page is read, whoever stored it', async () => {
  await using storage = open();
  const name = await storage.save('page.html', '<!doctype html>', { contentType: 'text/html' });
  await using another = open();
  await using opened = await another.open(name);
  expect(await opened.text()).toBe('<!doctype html>');
  expect(await another.exists(name)).toBe(true);
});

const listingOf = (keys: readonly string[], rest: string): Fault => ({
  kind: 'page',
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0"?><ListBucketResult><Name>media</Name>${rest}${keys
    .map(key => `<Contents><Key>${key}</Key><Size>1</Size><ETag>"e"</ETag></Contents>`)
    .join('')}</ListBucketResult>`,
});

const listed = (storage: S3Storage): Promise<string[]> => Array.fromAsync(storage.list(), ({ name }) => name);

test('keys that are said to be encoded and are not are taken as they are', async () => {
  await using storage = open();
  const url = '<EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>';
  for (const raw of [['100%.txt'], ['%zz', 'a+b'], ['a b', 'a+b', 'a%20c'], ['é+', '%C3'], ['%ff']]) {
    proxy.plan = () => listingOf(raw, url);
    expect(await listed(storage)).toEqual(raw);
  }
  proxy.plan = () => listingOf(['a+b', 'a%2Bb', 'caf%C3%A9%25', '~(!)*'], url);
  expect(await listed(storage)).toEqual(['a b', 'a+b', 'café%', '~(!)*']);
});

test('a listing that goes in a circle fails', async () => {
  await using storage = open();
  for (const length of [1, 2, 5]) {
    let page = 0;
    proxy.plan = () =>
      listingOf(
        ['a'],
        `<IsTruncated>true</IsTruncated><NextContinuationToken>${page++ % length}</NextContinuationToken>`,
      );
    await expect(listed(storage)).rejects.toMatchObject({ code: 'backend', retryable: false });
  }
});
