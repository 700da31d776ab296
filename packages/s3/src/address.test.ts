import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { FaultProxy } from '@fieldfile/test-servers/fault-proxy';
import { startS3Server } from '@fieldfile/test-servers/s3';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { optionsFor } from '../test/open-storage.ts';
import type { S3StorageOptions } from './options.ts';
import { S3Storage } from './storage.ts';

const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
const keys = { accessKey: 'key', secretKey: 'secret' };
const opened: S3Storage[] = [];
const clients: S3Client[] = [];

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const storage of opened.splice(0)) await storage[Symbol.asyncDispose]();
  for (const client of clients.splice(0)) client.destroy();
});

function open(options: Partial<S3StorageOptions>): S3Storage {
  const storage = new S3Storage({ bucketName: 'media', conditionalWrites: 'supported', ...options });
  opened.push(storage);
  return storage;
}

function clientOf(config: S3ClientConfig): S3Client {
  const client = new S3Client({ credentials, ...config });
  clients.push(client);
  return client;
}

const withoutQuery = (url: string): string => url.replace(/\?.*$/, '');

/** Where all kinds of URLs lead: they are to agree. */
async function address(storage: S3Storage): Promise<string> {
  const soon = { expiresInSeconds: 60 };
  const signed = withoutQuery(await storage.signedUrl('a.txt', soon));
  expect(withoutQuery((await storage.signedUpload('a.txt', soon)).url)).toBe(signed);
  const { url } = await storage.signedUpload('a.txt', { ...soon, maxBytes: 5 });
  expect(`${url.replace(/\/$/, '')}/a.txt`).toBe(signed);
  expect(storage.publicUrl('a.txt')).toBe(signed);
  return signed;
}

const ACCESS_POINT = 'arn:aws:s3:eu-central-1:123456789012:accesspoint/one';

describe('public and signed URLs lead where requests go', () => {
  test.each<[string, string, Partial<S3StorageOptions>]>([
    ['a region', 'https://media.s3.eu-central-1.amazonaws.com/a.txt', { regionName: 'eu-central-1' }],
    [
      'path style',
      'https://s3.eu-central-1.amazonaws.com/media/a.txt',
      { regionName: 'eu-central-1', addressingStyle: 'path' },
    ],
    ['China', 'https://media.s3.cn-north-1.amazonaws.com.cn/a.txt', { regionName: 'cn-north-1', id: 'x' }],
    [
      'an isolated partition',
      'https://media.s3.us-iso-east-1.c2s.ic.gov/a.txt',
      { regionName: 'us-iso-east-1', id: 'x' },
    ],
    [
      'GovCloud',
      'https://media.s3.us-gov-west-1.amazonaws.com/a.txt',
      { regionName: 'us-gov-west-1', id: 'x' },
    ],
    [
      'a dot in the name',
      'https://s3.eu-central-1.amazonaws.com/me.dia/a.txt',
      { regionName: 'eu-central-1', bucketName: 'me.dia' },
    ],
    [
      'a name that is no host',
      'https://s3.us-east-1.amazonaws.com/My_Media/a.txt',
      { regionName: 'us-east-1', bucketName: 'My_Media' },
    ],
    [
      'an access point',
      'https://one-123456789012.s3-accesspoint.eu-central-1.amazonaws.com/a.txt',
      { regionName: 'eu-central-1', bucketName: ACCESS_POINT, id: 'x' },
    ],
    ['another service', 'https://s3.example.com/media/a.txt', { endpointUrl: 'https://s3.example.com/' }],
    [
      'another service, below a path',
      'https://example.com/s3/media/a.txt',
      { endpointUrl: 'https://example.com/s3/' },
    ],
    [
      'another service, as a host',
      'https://media.s3.example.com/a.txt',
      { endpointUrl: 'https://s3.example.com', addressingStyle: 'virtual' },
    ],
    [
      'an endpoint for URLs',
      'https://files.example.com/media/a.txt',
      { endpointUrl: 'http://minio:9000', urlEndpoint: 'https://files.example.com' },
    ],
    [
      'an endpoint for URLs, below a path',
      'https://example.com/files/media/a.txt',
      { endpointUrl: 'http://minio:9000', urlEndpoint: 'https://example.com/files/' },
    ],
    [
      'an endpoint for URLs of Amazon’s',
      'https://media.files.example.com/a.txt',
      { regionName: 'eu-central-1', urlEndpoint: 'https://files.example.com' },
    ],
  ])('%s: %s', async (_, expected, options) => {
    expect(await address(open({ ...keys, ...options }))).toBe(expected);
  });

  test.each<[string, Readonly<Record<string, string>>]>([
    ['https://media.s3.eu-west-3.amazonaws.com/a.txt', { AWS_REGION: 'eu-west-3' }],
    [
      'https://media.s3.dualstack.eu-west-3.amazonaws.com/a.txt',
      { AWS_REGION: 'eu-west-3', AWS_USE_DUALSTACK_ENDPOINT: 'true' },
    ],
    [
      'http://localhost:9000/media/a.txt',
      { AWS_REGION: 'eu-west-3', AWS_ENDPOINT_URL_S3: 'http://localhost:9000' },
    ],
  ])('what the environment says: %s', async (expected, env) => {
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    expect(
      await address(open({ ...keys, ...(env.AWS_ENDPOINT_URL_S3 ? { addressingStyle: 'path' } : {}) })),
    ).toBe(expected);
  });

  test.each<[string, string, S3ClientConfig, Partial<S3StorageOptions>]>([
    ['of a region', 'https://media.s3.eu-west-3.amazonaws.com/a.txt', { region: 'eu-west-3' }, {}],
    ['in China', 'https://media.s3.cn-north-1.amazonaws.com.cn/a.txt', { region: 'cn-north-1' }, { id: 'x' }],
    [
      'with dualstack',
      'https://media.s3.dualstack.eu-west-3.amazonaws.com/a.txt',
      { region: 'eu-west-3', useDualstackEndpoint: true },
      {},
    ],
    [
      'with acceleration',
      'https://media.s3-accelerate.amazonaws.com/a.txt',
      { region: 'eu-west-3', useAccelerateEndpoint: true },
      {},
    ],
    [
      'with FIPS',
      'https://media.s3-fips.us-east-1.amazonaws.com/a.txt',
      { region: 'us-east-1', useFipsEndpoint: true },
      {},
    ],
    [
      'of another service',
      'http://localhost:9000/media/a.txt',
      { region: 'x', endpoint: 'http://localhost:9000', forcePathStyle: true },
      { id: 'x' },
    ],
    [
      'of another service, as a host',
      'https://media.s3.example.com/a.txt',
      { region: 'x', endpoint: 'https://s3.example.com' },
      { id: 'x' },
    ],
    [
      'with an endpoint for URLs',
      'https://files.example.com/media/a.txt',
      { region: 'x', endpoint: 'http://minio:9000', forcePathStyle: true },
      { id: 'x', urlEndpoint: 'https://files.example.com' },
    ],
  ])('a given client %s: %s', async (_, expected, config, options) => {
    expect(await address(open({ client: clientOf(config), ...options }))).toBe(expected);
  });

  test('an address that a given client has not told yet is not guessed', () => {
    const storage = open({ client: clientOf({ region: 'cn-north-1' }), id: 'x' });
    expect(() => storage.publicUrl('a.txt')).toThrow(/await url\(\)/);
  });
});

test('a domain may have a path', () => {
  for (const customDomain of ['cdn.example.com/media', 'cdn.example.com/media/'])
    expect(open({ customDomain }).publicUrl('a b.txt')).toBe('https://cdn.example.com/media/a%20b.txt');
  for (const customDomain of [
    'cdn.example.com/../x',
    'cdn.example.com/./x',
    'cdn.example.com/x?y',
    'cdn.example.com\\x',
  ])
    expect(() => open({ customDomain })).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
});

test('objects are read and uploaded at the endpoint for URLs', async () => {
  await using server = await startS3Server({ buckets: ['media'] });
  await using outside = await FaultProxy.start(server.endpoint);
  const storage = open(optionsFor(server, { urlEndpoint: outside.endpoint, location: 'x' }));
  const name = await storage.save('a.txt', 'content');
  const url = await storage.signedUrl(name, { expiresInSeconds: 60, download: 'b.txt' });
  expect(url.startsWith(outside.endpoint)).toBe(true);
  expect(await (await fetch(url)).text()).toBe('content');
  const { url: put, headers, method } = await storage.signedUpload('c.txt', { expiresInSeconds: 60 });
  expect((await fetch(put, { method, headers, body: 'put' })).status).toBe(200);
  const form = new FormData();
  const post = await storage.signedUpload('d.txt', { expiresInSeconds: 60, maxBytes: 9 });
  for (const [field, value] of Object.entries(post.fields ?? {})) form.set(field, value);
  form.set('file', new Blob(['post']));
  expect((await fetch(post.url, { method: 'POST', body: form })).status).toBe(204);
  for (const { url: address } of [{ url: put }, post])
    expect(address.startsWith(outside.endpoint)).toBe(true);
  expect(await Array.fromAsync(storage.list(), ({ name }) => name)).toEqual(['a.txt', 'c.txt', 'd.txt']);
});

test('only headers that are told are signed, whatever a client’s middleware adds', async () => {
  await using server = await startS3Server({ buckets: ['media'] });
  const { endpoint, region } = server;
  const client = clientOf({ endpoint, region, credentials: server, forcePathStyle: true });
  client.middlewareStack.add(
    next => args => {
      const { request } = args as { readonly request: { headers: Record<string, string> } };
      Object.assign(request.headers, { 'x-tenant': '7', 'content-language': 'de' });
      return next(args);
    },
    { step: 'build', name: 'tenant' },
  );
  const storage = open({ client, id: 'given' });
  const signedHeaders = (url: string): string[] =>
    (new URL(url).searchParams.get('X-Amz-SignedHeaders') ?? '').split(';').sort();
  await storage.save('a.txt', 'one');
  const url = await storage.signedUrl('a.txt', { expiresInSeconds: 60 });
  expect(signedHeaders(url)).toEqual(['host']);
  expect(url).not.toMatch(/checksum/i);
  expect((await fetch(url)).status).toBe(200);
  for (const contentType of [undefined, 'image/png'])
    for (const exactBytes of [undefined, 3]) {
      const upload = await storage.signedUpload(`${contentType}-${exactBytes}`, {
        expiresInSeconds: 60,
        ...(contentType === undefined ? {} : { contentType }),
        ...(exactBytes === undefined ? {} : { exactBytes }),
      });
      const length = exactBytes === undefined ? [] : ['content-length'];
      expect(signedHeaders(upload.url)).toEqual(['host', ...length, ...Object.keys(upload.headers)].sort());
      const { status } = await fetch(upload.url, { method: 'PUT', headers: upload.headers, body: 'put' });
      expect(status).toBe(200);
    }
});
