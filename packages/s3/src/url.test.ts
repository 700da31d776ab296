import { createVerify, generateKeyPairSync } from 'node:crypto';
import { S3Client } from '@aws-sdk/client-s3';
import { canPublishUrls, canSignUploads, canSignUrls } from '@fieldfile/storage';
import { type S3Server, startS3Server } from '@fieldfile/test-servers/s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { optionsFor } from '../test/open-storage.ts';
import { S3Storage } from './storage.ts';

let server: S3Server;
let storage: S3Storage;

beforeAll(async () => {
  server = await startS3Server({ buckets: ['media'] });
  storage = new S3Storage(optionsFor(server, { location: 'uploads' }));
});
afterAll(async () => {
  await storage[Symbol.asyncDispose]();
  await server.close();
});

describe('public URLs', () => {
  test.each([
    [{ bucketName: 'media' }, 'https://media.s3.amazonaws.com/a%20b/%C3%A9%23.txt'],
    [
      { bucketName: 'media', regionName: 'eu-central-1' },
      'https://media.s3.eu-central-1.amazonaws.com/a%20b/%C3%A9%23.txt',
    ],
    [
      { bucketName: 'me.dia', regionName: 'eu-central-1' },
      'https://s3.eu-central-1.amazonaws.com/me.dia/a%20b/%C3%A9%23.txt',
    ],
    [
      { bucketName: 'media', endpointUrl: 'https://s3.example.com/' },
      'https://s3.example.com/media/a%20b/%C3%A9%23.txt',
    ],
    [
      { bucketName: 'media', endpointUrl: 'https://s3.example.com', addressingStyle: 'virtual' as const },
      'https://media.s3.example.com/a%20b/%C3%A9%23.txt',
    ],
    [
      { bucketName: 'media', customDomain: 'cdn.example.com', location: 'x' },
      'https://cdn.example.com/x/a%20b/%C3%A9%23.txt',
    ],
    [
      { bucketName: 'media', customDomain: 'localhost:8080', urlProtocol: 'http:' as const },
      'http://localhost:8080/a%20b/%C3%A9%23.txt',
    ],
  ])('of %o', (options, expected) => {
    expect(new S3Storage(options).publicUrl('a b/é#.txt')).toBe(expected);
  });
});

describe('signed URLs', () => {
  test('end after seven days at the latest', async () => {
    const week = 7 * 24 * 60 * 60;
    await storage.signedUrl('a.txt', { expiresInSeconds: week });
    for (const call of [
      () => storage.signedUrl('a.txt', { expiresInSeconds: week + 1 }),
      () => storage.signedUpload('a.txt', { expiresInSeconds: week + 1 }),
    ])
      await expect(call()).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  test('stay the same for as long as a browser may keep what they lead to', async () => {
    const stepped = new S3Storage(optionsFor(server, { location: 'uploads', expiryStepSeconds: 3600 }));
    const [first, second] = await Promise.all([
      stepped.signedUrl('a.txt', { expiresInSeconds: 60 }),
      stepped.signedUrl('a.txt', { expiresInSeconds: 60 }),
    ]);
    expect(first).toBe(second);
    expect(new URL(first).searchParams.get('X-Amz-Expires')).toBe(String(60 + 3599));
    expect(new URL(first).searchParams.get('X-Amz-Date')).toMatch(/T\d\d0000Z$/);
    await stepped[Symbol.asyncDispose]();
  });

  test('serve under the name and type that were asked for, and say nothing of checksums', async () => {
    const name = await storage.save('signed.txt', 'content');
    const url = await storage.signedUrl(name, {
      expiresInSeconds: 60,
      download: 'größe "1".txt',
      contentType: 'application/x-test',
    });
    const served = await fetch(url);
    expect(await served.text()).toBe('content');
    expect(served.headers.get('content-type')).toBe('application/x-test');
    expect(served.headers.get('content-disposition')).toBe(
      `attachment; filename="gr__e _1_.txt"; filename*=UTF-8''gr%C3%B6%C3%9Fe%20%221%22.txt`.replace(
        'gr__e',
        'gr__e',
      ),
    );
    expect(url).not.toMatch(/checksum/i);
  });

  test('are CloudFront’s where its key is given', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const distributed = new S3Storage({
      bucketName: 'media',
      customDomain: 'cdn.example.com',
      cloudfrontKeyId: 'K2ABC',
      cloudfrontKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    });
    const url = new URL(
      await distributed.signedUrl('a b.txt', { expiresInSeconds: 60, contentType: 'text/plain' }),
    );
    const { searchParams } = url;
    const expires = Number(searchParams.get('Expires'));
    const resource = 'https://cdn.example.com/a%20b.txt?response-content-type=text%2Fplain';
    const policy = `{"Statement":[{"Resource":"${resource}","Condition":{"DateLessThan":{"AWS:EpochTime":${expires}}}}]}`;
    const signature = (searchParams.get('Signature') ?? '')
      .replaceAll('-', '+')
      .replaceAll('_', '=')
      .replaceAll('~', '/');
    expect(createVerify('RSA-SHA1').update(policy).verify(publicKey, signature, 'base64')).toBe(true);
    expect(searchParams.get('Key-Pair-Id')).toBe('K2ABC');
    expect(url.href.startsWith(`${resource}&Expires=`)).toBe(true);
  });
});

describe('signed uploads', () => {
  const options = { expiresInSeconds: 60, contentType: 'image/png' };

  test('a PUT binds type and length, and does not overwrite', async () => {
    const upload = await storage.signedUpload('put.png', { ...options, exactBytes: 4 });
    expect(upload.method).toBe('PUT');
    expect([...upload.enforced].sort()).toEqual([
      'exact-length',
      'expiry',
      'method',
      'name',
      'no-overwrite',
      'type',
    ]);
    const put = async (body: string, headers: Record<string, string> = { ...upload.headers }) =>
      (await fetch(upload.url, { method: 'PUT', headers, body })).status;
    expect(await put('12345')).toBe(403);
    expect(await put('1234', { ...upload.headers, 'content-type': 'text/html' })).toBe(403);
    expect(await put('1234', { 'content-type': 'image/png' })).toBe(403);
    expect(await put('1234')).toBe(200);
    expect(await put('4321')).toBe(412);
    expect((await storage.info('put.png')).contentType).toBe('image/png');
  });

  test('a POST binds type and largest length', async () => {
    const upload = await storage.signedUpload('post.png', { ...options, maxBytes: 4 });
    expect(upload.method).toBe('POST');
    expect([...upload.enforced].sort()).toEqual(['expiry', 'max-length', 'method', 'name', 'type']);
    const post = async (body: string, changed: Record<string, string> = {}) => {
      const form = new FormData();
      for (const [field, value] of Object.entries({ ...upload.fields, ...changed })) form.set(field, value);
      form.set('file', new Blob([body]));
      return (await fetch(upload.url, { method: 'POST', body: form })).status;
    };
    expect(await post('12345')).toBe(400);
    expect(await post('1234', { 'Content-Type': 'text/html' })).toBe(403);
    expect(await post('1234', { key: 'uploads/other.png' })).toBe(403);
    expect(await post('1234')).toBe(204);
    expect((await storage.info('post.png')).contentType).toBe('image/png');
  });

  test('more than the most makes no sense', async () => {
    await expect(storage.signedUpload('a', { ...options, exactBytes: 5, maxBytes: 4 })).rejects.toMatchObject(
      {
        code: 'invalid-argument',
      },
    );
  });
});

test('the address of a given client is the one it goes to', async () => {
  const { accessKeyId, secretAccessKey, endpoint, region } = server;
  const client = new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
  const told = new S3Storage({ bucketName: 'media', location: 'given', client, id: 'given', urls: 'public' });
  expect(() => told.publicUrl('a b.txt')).toThrow(/give endpointUrl or customDomain, or await url\(\)/);
  expect(await told.url('a b.txt', { expiresInSeconds: 60 })).toBe(`${endpoint}/media/given/a%20b.txt`);
  expect(told.publicUrl('a b.txt')).toBe(`${endpoint}/media/given/a%20b.txt`);
  client.destroy();
});

test('one call gives a URL that is read, signed unless the storage is told to be public', async () => {
  const name = await storage.save('one-call.txt', 'content');
  expect(await (await fetch(await storage.url(name))).text()).toBe('content');
  const told = new S3Storage(optionsFor(server, { location: 'uploads', urls: 'public' }));
  expect(await told.url(name, { expiresInSeconds: 60 })).toBe(told.publicUrl(name));
  await told[Symbol.asyncDispose]();
});

test('where no URL can carry the key, there are none', async () => {
  const options = optionsFor(server, { location: 'uploads', sseCustomerKey: new Uint8Array(32) });
  const encrypted = new S3Storage(options);
  for (const can of [canPublishUrls, canSignUrls, canSignUploads]) expect(can(encrypted)).toBe(false);
  await expect(encrypted.url('a.txt')).rejects.toMatchObject({ code: 'unsupported' });
  expect(() => new S3Storage({ ...options, urls: 'public' })).toThrow(
    expect.objectContaining({ code: 'invalid-argument' }),
  );
});
