import { S3Client } from '@aws-sdk/client-s3';
import { FaultProxy, type SeenRequest } from '@fieldfile/test-servers/fault-proxy';
import { Resources } from '@fieldfile/test-servers/resources';
import { type S3Imitation, startS3Server } from '@fieldfile/test-servers/s3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { optionsFor } from '../test/open-storage.ts';
import { MEBIBYTE, type S3StorageOptions } from './options.ts';
import { S3Storage } from './storage.ts';

let stack: Resources;
beforeEach(() => {
  stack = new Resources();
});
afterEach(() => stack.disposeAsync());

/** Which digests went with each request of everything that a storage does. */
async function digests(
  imitates: S3Imitation,
  options: Partial<S3StorageOptions>,
  withClient?: (endpoint: string) => S3Client,
): Promise<readonly { readonly request: string; readonly digests: readonly string[] }[]> {
  const server = stack.use(await startS3Server({ buckets: ['media'], imitates }));
  const proxy = stack.use(await FaultProxy.start(server.endpoint));
  const seen: SeenRequest[] = [];
  proxy.plan = request => void seen.push(request);
  const { accessKey: _, secretKey: __, ...plain } = optionsFor(server, { endpointUrl: proxy.endpoint });
  const client = withClient?.(proxy.endpoint);
  if (client) stack.defer(() => client.destroy());
  const storage = stack.use(
    new S3Storage(
      client ? { ...plain, client } : optionsFor(server, { endpointUrl: proxy.endpoint, ...options }),
    ),
  );
  async function* large(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < 11; at++) yield new Uint8Array(MEBIBYTE);
  }
  const names = [
    await storage.save('a.txt', 'one'),
    await storage.save('b.bin', new Uint8Array(2 * MEBIBYTE)),
    await storage.save('c.bin', large()),
    await storage.save('d.bin', large(), { sizeBytes: 11 * MEBIBYTE }),
    await storage.copy('a.txt', 'e.txt'),
  ];
  const { version: ifMatch } = await storage.replace('a.txt', 'two');
  await storage.replace('a.txt', large(), { ifMatch });
  for (const range of [{}, { start: 1 }]) {
    await using opened = await storage.open('a.txt', range);
    await opened.bytes();
  }
  await storage.info('a.txt');
  await Array.fromAsync(storage.list());
  await storage.delete('e.txt');
  expect(await storage.deleteMany(names)).toEqual(new Map());
  expect(await Array.fromAsync(storage.list())).toEqual([]);
  return seen.map(({ method, path, query, headers }) => ({
    request: query.has('delete') ? 'bulk delete' : `${method} ${path}`,
    digests: Object.keys(headers)
      .filter(name => /^content-md5$|^x-amz-(?:sdk-)?checksum-|^x-amz-trailer$/.test(name))
      .sort(),
  }));
}

const secrets = { accessKeyId: 'test-access-key', secretAccessKey: 'test-secret-key' };
const given =
  (calculation: 'WHEN_REQUIRED' | 'WHEN_SUPPORTED') =>
  (endpoint: string): S3Client =>
    new S3Client({
      endpoint,
      region: 'us-east-1',
      credentials: secrets,
      forcePathStyle: true,
      requestChecksumCalculation: calculation,
      responseChecksumValidation: calculation,
    });

test.each([
  ['by default on another service', undefined],
  ['with a client that sends none', given('WHEN_REQUIRED')],
] as const)(
  '%s no request has to do with checksums, and a bulk delete has Content-MD5 alone',
  async (_, client) => {
    const imitates = { refusesChecksums: true, requiresContentMd5: true };
    for (const { request, digests: sent } of await digests(imitates, {}, client))
      expect(sent, request).toEqual(request === 'bulk delete' ? ['content-md5'] : []);
  },
);

test.each([
  ["with 'when-supported'", undefined],
  ['with a client that sends them', given('WHEN_SUPPORTED')],
] as const)('%s a bulk delete has the newer kind alone, and reads ask for it', async (_, client) => {
  const sent = await digests({}, { checksums: 'when-supported' }, client);
  const [bulk] = sent.filter(({ request }) => request === 'bulk delete');
  expect(bulk?.digests).toEqual(['x-amz-checksum-crc32', 'x-amz-sdk-checksum-algorithm']);
  expect(sent.some(({ digests: one }) => one.includes('content-md5'))).toBe(false);
  expect(sent.find(({ request }) => request === 'HEAD /media/a.txt')).toBeDefined();
  expect(sent.filter(({ request }) => request === 'GET /media/a.txt').at(-1)?.digests).toEqual([
    'x-amz-checksum-mode',
  ]);
});

test('a service that wants Content-MD5 gets it, by itself', async () => {
  const sent = await digests({ requiresContentMd5: true }, { checksums: 'when-supported' });
  const bulk = sent.filter(({ request }) => request === 'bulk delete').map(({ digests: one }) => one);
  expect(bulk).toEqual([['x-amz-checksum-crc32', 'x-amz-sdk-checksum-algorithm'], ['content-md5']]);
});
