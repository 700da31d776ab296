import { canPublishUrls, canSignUploads, canSignUrls, Storage } from '@fieldfile/storage';
import { startGcsServer } from '@fieldfile/test-servers/gcs';
import { connect } from '@fieldfile/test-servers/gcs-client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { GcsBackend } from './backend.ts';
import type { GcsStorageOptions } from './options.ts';

const NAME = 'folder/größe 100% a+b#c?d&e(1).txt';
const server = await startGcsServer({ buckets: ['media'], requireAuthorization: true });
afterAll(() => server.close());
const client = await connect(server);

const open = (options: Partial<GcsStorageOptions> = {}): Storage<GcsBackend> =>
  new Storage(new GcsBackend({ bucketName: 'media', client, ...options }));
const storage = open();

beforeAll(() => storage.save(NAME, 'hello'));

test('a signed URL serves the object under the name and type asked for', async () => {
  const url = await storage.signedUrl(NAME, {
    expiresInSeconds: 60,
    download: 'größe "1".txt',
    contentType: 'text/csv',
  });
  const response = await fetch(url);
  expect(await response.text()).toBe('hello');
  expect(response.headers.get('content-type')).toBe('text/csv');
  expect(response.headers.get('content-disposition')).toBe(
    `attachment; filename="gr__e _1_.txt"; filename*=UTF-8''gr%C3%B6%C3%9Fe%20%221%22.txt`,
  );
});

test('a public URL of a private object is forbidden to everybody', async () => {
  expect((await fetch(storage.publicUrl(NAME))).status).toBe(403);
});

test('URLs begin with the custom endpoint where there is one', async () => {
  const cdn = open({ customEndpoint: 'https://cdn.example.com' });
  expect(cdn.publicUrl('a b/ü.txt')).toBe('https://cdn.example.com/a%20b/%C3%BC.txt');
  const signed = new URL(await cdn.signedUrl('a b/ü.txt', { expiresInSeconds: 60 }));
  expect(signed.origin + signed.pathname).toBe('https://cdn.example.com/a%20b/%C3%BC.txt');
});

test('a custom endpoint keeps its path, signed for what is behind it', async () => {
  const soon = { expiresInSeconds: 60 };
  const cdn = open({ customEndpoint: 'https://cdn.example.com/files/' });
  const expected = 'https://cdn.example.com/files/a%20b/%C3%BC.txt';
  expect(cdn.publicUrl('a b/ü.txt')).toBe(expected);
  for (const url of [await cdn.signedUrl('a b/ü.txt', soon), (await cdn.signedUpload('a b/ü.txt', soon)).url])
    expect(url.replace(/\?.*/, '')).toBe(expected);
  const post = open({ customEndpoint: 'https://cdn.example.com/files/', signedUploadMethod: 'POST' });
  expect((await post.signedUpload('a.txt', soon)).url).toBe('https://cdn.example.com/files/');
  // The service itself, addressed in its own way.
  const named = open({ customEndpoint: `${server.endpoint}/media/` });
  const url = await named.signedUrl(NAME, soon);
  expect(url.startsWith(`${named.publicUrl(NAME)}?`)).toBe(true);
  expect(await (await fetch(url)).text()).toBe('hello');
});

test('no URL has the password of an address, whichever it is made of, and those of the service work', async () => {
  const soon = { expiresInSeconds: 60 };
  const withPassword = (address: string): string => address.replace('://', '://user:hunter2@');
  const guarded = await connect(server, undefined, withPassword(server.endpoint));
  const addresses: Partial<GcsStorageOptions>[] = [
    { client: guarded },
    ...['https://cdn.example.com/', 'https://cdn.example.com/files', `${server.endpoint}/media`].map(
      address => ({ customEndpoint: withPassword(address) }),
    ),
  ];
  for (const address of addresses)
    for (const signedUploadMethod of ['PUT', 'POST'] as const) {
      const given = open({ ...address, signedUploadMethod });
      const urls = [
        given.publicUrl('a.txt'),
        await given.signedUrl('a.txt', soon),
        (await given.signedUpload('a.txt', soon)).url,
      ];
      for (const url of urls) expect(new URL(url)).toMatchObject({ username: '', password: '' });
    }
  const url = await open({ client: guarded }).signedUrl(NAME, soon);
  expect(await (await fetch(url)).text()).toBe('hello');
});

test('IAM signs where there is no key', async () => {
  const keyless = await connect(server);
  const account = await keyless.authClient.getClient();
  // The account's token and name, without its key.
  (account as { key?: string }).key = '';
  const signing = open({
    client: keyless,
    signingEndpoint: `${server.endpoint}/v1/projects/-/serviceAccounts/`,
  });
  const url = await signing.signedUrl(NAME, { expiresInSeconds: 60 });
  expect(await (await fetch(url)).text()).toBe('hello');
});

test('says what is missing where nobody can sign', async () => {
  const keyless = await connect(server);
  const account = await keyless.authClient.getClient();
  (account as { key?: string }).key = '';
  const signing = open({ client: keyless, signingEndpoint: `${server.endpoint}/nothing/` });
  await expect(signing.signedUrl(NAME, { expiresInSeconds: 60 })).rejects.toMatchObject({
    code: 'permission',
  });
});

test('refuses more than 7 days before anything is signed', async () => {
  const week = 7 * 24 * 60 * 60;
  expect((await fetch(await storage.signedUrl(NAME, { expiresInSeconds: week }))).status).toBe(200);
  const refused = expect.objectContaining({
    code: 'invalid-argument',
    message: expect.stringContaining('7 days'),
  });
  await expect(storage.signedUrl(NAME, { expiresInSeconds: week + 1 })).rejects.toEqual(refused);
  await expect(storage.signedUpload(NAME, { expiresInSeconds: week + 1 })).rejects.toEqual(refused);
  const post = open({ signedUploadMethod: 'POST' });
  await expect(post.signedUpload(NAME, { expiresInSeconds: week + 1 })).rejects.toEqual(refused);
});

test('an object has the same URL for a step, so that browsers find it in their caches', async () => {
  const stepping = open({ expiryStepSeconds: 3600 });
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-01-01T10:00:01Z') });
  try {
    const first = await stepping.signedUrl(NAME, { expiresInSeconds: 600 });
    vi.setSystemTime(new Date('2026-01-01T10:49:00Z'));
    expect(await stepping.signedUrl(NAME, { expiresInSeconds: 600 })).toBe(first);
    vi.setSystemTime(new Date('2026-01-01T11:00:00Z'));
    expect(await stepping.signedUrl(NAME, { expiresInSeconds: 600 })).not.toBe(first);
  } finally {
    vi.useRealTimers();
  }
});

test('a signed PUT binds length, type and that nothing is overwritten', async () => {
  const upload = await storage.signedUpload('put.png', {
    expiresInSeconds: 60,
    contentType: 'image/png',
    exactBytes: 4,
  });
  expect([...upload.enforced].sort()).toEqual([
    'exact-length',
    'expiry',
    'method',
    'name',
    'no-overwrite',
    'type',
  ]);
  const put = (body: string, headers: Record<string, string> = upload.headers) =>
    fetch(upload.url, { method: 'PUT', headers, body });
  expect((await put('12345')).ok).toBe(false);
  expect((await put('1234', { ...upload.headers, 'content-type': 'text/html' })).ok).toBe(false);
  expect((await put('1234', {})).ok).toBe(false);
  expect(await storage.exists('put.png')).toBe(false);
  expect((await put('1234')).ok).toBe(true);
  expect((await put('5678')).ok).toBe(false);
  expect((await storage.info('put.png')).contentType).toBe('image/png');
});

test('a signed POST binds length and type', async () => {
  const post = open({ signedUploadMethod: 'POST' });
  const upload = await post.signedUpload('größe.png', {
    expiresInSeconds: 60,
    contentType: 'image/png',
    maxBytes: 4,
  });
  expect([...upload.enforced].sort()).toEqual(['expiry', 'max-length', 'method', 'name', 'type']);
  const send = (body: string, changes: Record<string, string> = {}) => {
    const form = new FormData();
    for (const [field, value] of Object.entries({ ...upload.fields, ...changes })) form.set(field, value);
    form.set('file', new Blob([body]));
    return fetch(upload.url, { method: upload.method, body: form });
  };
  expect((await send('12345')).ok).toBe(false);
  expect((await send('1234', { 'content-type': 'text/html' })).ok).toBe(false);
  expect((await send('1234', { key: 'other.png' })).ok).toBe(false);
  expect((await send('1234')).ok).toBe(true);
  expect((await post.info('größe.png')).contentType).toBe('image/png');
});

test('one call gives the URL, signed unless the storage is told to be public or cannot sign', async () => {
  expect(await (await fetch(await storage.url(NAME))).text()).toBe('hello');
  const told = open({ urls: 'public' });
  expect(await told.url(NAME, { expiresInSeconds: 60 })).toBe(told.publicUrl(NAME));
  const apiEndpoint = 'http://localhost:4443';
  const emulator = new Storage(new GcsBackend({ bucketName: 'media', apiEndpoint }));
  expect([canPublishUrls, canSignUrls, canSignUploads].map(can => can(emulator))).toEqual([
    true,
    false,
    false,
  ]);
  expect(await emulator.url('a.png', { expiresInSeconds: 60 })).toBe('http://localhost:4443/media/a.png');
  expect(canSignUrls(storage)).toBe(true);
});

const GIVEN = {
  cacheControl: 'public, max-age=77',
  contentDisposition: 'inline',
  contentLanguage: 'de',
  contentType: 'image/png',
  customTime: '2030-01-01T00:00:00Z',
  metadata: { owner: 'team a', Owner: 'Jörg', spaced: 'a  b' },
  storageClass: 'NEARLINE',
  eventBasedHold: false,
};

const described = async (name: string): Promise<object> => {
  const [{ metadata, cacheControl, contentDisposition, contentLanguage, contentType, ...rest }] = await client
    .bucket('media')
    .file(name)
    .getMetadata();
  const { customTime, storageClass, kmsKeyName } = rest;
  const { 'fieldfile-write-id': _, ...kept } = (metadata ?? {}) as Record<string, unknown>;
  return {
    cacheControl,
    contentDisposition,
    contentLanguage,
    contentType,
    customTime,
    storageClass,
    kmsKeyName,
    kept,
  };
};

test('a signed PUT gives the object everything that a save gives, and is refused without it', async () => {
  const given = open({ objectParameters: name => (name === 'n' ? {} : GIVEN), kmsKeyName: 'keys/one' });
  const upload = await given.signedUpload('given.bin', { expiresInSeconds: 60 });
  expect(upload.enforced.has('type')).toBe(true);
  const put = async (changes: Record<string, string | undefined> = {}): Promise<boolean> => {
    const headers = Object.entries({ ...upload.headers, ...changes }).filter(
      ([, text]) => text !== undefined,
    );
    const response = await fetch(upload.url, {
      method: 'PUT',
      headers: Object.fromEntries(headers) as Record<string, string>,
      body: '1234',
    });
    return response.ok;
  };
  for (const header of ['cache-control', 'x-goog-storage-class', 'x-goog-custom-time', 'x-goog-meta-owner'])
    for (const text of [undefined, 'other']) expect(await put({ [header]: text })).toBe(false);
  expect(await put()).toBe(true);
  const saved = await given.save('given-saved.bin', '1234');
  expect({ ...(await described('given.bin')), kept: 0 }).toEqual({ ...(await described(saved)), kept: 0 });
  expect(await given.info('given.bin')).toMatchObject({ metadata: GIVEN.metadata });
  expect(await described('given.bin')).toMatchObject({ storageClass: 'NEARLINE', kmsKeyName: 'keys/one' });
});

test('a signed upload makes the object public where every object is', async () => {
  for (const signedUploadMethod of ['PUT', 'POST'] as const) {
    const name = `public-${signedUploadMethod}.txt`;
    const given = open({ defaultAcl: 'publicRead', signedUploadMethod });
    const { url, method, headers, fields } = await given.signedUpload(name, { expiresInSeconds: 60 });
    const form = new FormData();
    for (const [field, value] of Object.entries(fields ?? {})) form.set(field, value);
    form.set('file', new Blob(['1234']));
    expect((await fetch(url, { method, headers, body: fields ? form : '1234' })).ok).toBe(true);
    expect(await (await fetch(given.publicUrl(name))).text()).toBe('1234');
  }
});

test('what cannot be told is refused', async () => {
  const sign = (options: Partial<GcsStorageOptions>): Promise<unknown> =>
    open(options).signedUpload('a.bin', { expiresInSeconds: 60 });
  const refused = (what: string): object => ({ code: 'unsupported', message: expect.stringContaining(what) });
  await expect(sign({ objectParameters: { temporaryHold: true } })).rejects.toMatchObject(
    refused('temporaryHold'),
  );
  for (const objectParameters of [{ contentLanguage: 'de' }, { storageClass: 'NEARLINE' }])
    await expect(sign({ objectParameters, signedUploadMethod: 'POST' })).rejects.toMatchObject(
      refused("signedUploadMethod: 'PUT'"),
    );
  await expect(sign({ kmsKeyName: 'keys/one', signedUploadMethod: 'POST' })).rejects.toMatchObject(
    refused('kms-key'),
  );
  await expect(
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what an upload form replaces
    sign({ objectParameters: { cacheControl: '${filename}' }, signedUploadMethod: 'POST' }),
  ).rejects.toMatchObject({ code: 'invalid-argument' });
});
