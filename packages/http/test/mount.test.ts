import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { FileSystemStorage } from '@fieldfile/fs';
import { MemoryStorage } from '@fieldfile/memory';
import {
  canSignUploads,
  canSignUrls,
  isFieldFileError,
  readOnly,
  Storage,
  withPrefix,
} from '@fieldfile/storage';
import { load } from '@fieldfile/test-servers/load';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mount } from '../src/routes/mount.ts';
import { alteredTokens } from './altered-tokens.ts';
import { listen, type Site } from './listen.ts';

const own = { baseUrl: '/media/', signingKey: 'correct horse battery staple, at length' };
const SOON = { expiresInSeconds: 60 };

describe('memory, mounted', () => contract(() => new MemoryStorage(own)));
describe('the disk, mounted', () => {
  const root = mkdtempSync(join(tmpdir(), 'fieldfile-mount-'));
  afterAll(() => rmSync(root, { recursive: true }));
  contract(() => new FileSystemStorage({ root, ...own }));
});

function contract(make: () => MemoryStorage | FileSystemStorage): void {
  let storage: ReturnType<typeof make>;
  let site: Site;
  beforeAll(async () => {
    storage = make();
    site = await listen(mount(storage));
  });
  afterAll(() => site[Symbol.asyncDispose]());

  const send = (url: string, init: RequestInit = {}): Promise<Response> => fetch(site.origin + url, init);
  const put = (url: string, body: BodyInit, headers: HeadersInit = {}): Promise<Response> =>
    send(url, {
      method: 'PUT',
      body,
      headers,
      ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
    } as RequestInit);
  const names = async (): Promise<string[]> => {
    const found: string[] = [];
    for await (const { name } of storage.list()) found.push(name);
    return found;
  };

  test('a signed URL gives the object, whole and in parts', async () => {
    await storage.save('a b/ü?.txt', 'hello world');
    const url = await storage.url('a b/ü?.txt', SOON);
    const response = await send(url);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('hello world');
    expect(response.headers.get('cache-control')).toMatch(/^private, max-age=(?:60|59|58)$/);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    const part = await send(url, { headers: { range: 'bytes=6-' } });
    expect([part.status, await part.text()]).toEqual([206, 'world']);
    const head = await send(url, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '11', '']);
    const again = await send(url, { headers: { 'if-none-match': response.headers.get('etag') ?? '' } });
    expect(again.status).toBe(304);
  });

  test('it answers as the URL says, within what is safe', async () => {
    await storage.save('page.html', '<script>alert(1)</script>');
    const saved = await send(
      await storage.signedUrl('page.html', { ...SOON, download: 'päge.html', cacheControl: 'no-store' }),
    );
    expect(saved.headers.get('content-disposition')).toMatch(
      /^attachment; .*filename\*=UTF-8''p%C3%A4ge\.html/,
    );
    expect(saved.headers.get('cache-control')).toBe('no-store');
    const shown = await send(
      await storage.signedUrl('page.html', { ...SOON, disposition: 'inline', contentLanguage: 'de' }),
    );
    expect(shown.headers.get('content-disposition')).toMatch(/^attachment/);
    expect(shown.headers.get('content-security-policy')).toContain('sandbox');
    expect(shown.headers.get('content-language')).toBe('de');
    const plain = await send(await storage.signedUrl('page.html', { ...SOON, contentType: 'text/plain' }));
    expect(plain.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  });

  test('what is not signed, over, for another object or another method is refused', async () => {
    await storage.save('private.txt', 'secret');
    await storage.save('other.txt', 'x');
    const url = await storage.url('private.txt', SOON);
    const upload = await storage.signedUpload('fresh.txt', SOON);
    for (const refused of [
      '/media/private.txt',
      '/media/private.txt?fieldfile=',
      '/media/private.txt?fieldfile=e30.e30',
      url.replace('private.txt', 'other.txt'),
      url.replace('private.txt', '%2e%2e/private.txt'),
      url.replace('/media/', '/elsewhere/'),
      upload.url,
    ]) {
      const response = await send(refused);
      expect(response.status, refused).toBe(403);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      const text = await response.text();
      expect(text).not.toMatch(/private|memory:|fs:|secret/);
    }
    expect((await put(url, 'x')).status).toBe(403);
    const wrong = await send(url, { method: 'DELETE' });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD, PUT']);
    expect((await send(await storage.url('absent.txt', SOON))).status).toBe(404);
  });

  test('a signed PUT stores what was signed, once, and under no other name', async () => {
    const upload = await storage.signedUpload('once/a.txt', {
      ...SOON,
      contentType: 'text/plain',
      maxBytes: 10,
    });
    const stored = await put(upload.url, 'hello', upload.headers);
    expect(stored.status).toBe(201);
    const read = await send(await storage.url('once/a.txt', SOON));
    expect(read.headers.get('etag')).toBe(stored.headers.get('etag'));
    expect(await read.text()).toBe('hello');
    const before = await names();
    expect((await put(upload.url, 'again', upload.headers)).status).toBe(409);
    expect((await put(`${upload.url}&x=1`, 'again', upload.headers)).status).toBe(409);
    expect(await names()).toEqual(before);
    await storage.delete('once/a.txt');
    expect((await put(upload.url, 'again', upload.headers)).status).toBe(409);
    const request = new Request(new URL(upload.url, site.origin), {
      method: 'PUT',
      body: 'x',
      headers: upload.headers,
    });
    expect((await mount(storage)(request)).status).toBe(409);
    expect(await storage.exists('once/a.txt')).toBe(false);
  });

  test('an occupied name is refused, and what is there stays', async () => {
    await storage.save('taken.txt', 'mine');
    const upload = await storage.signedUpload('taken.txt', SOON);
    const before = await names();
    expect((await put(upload.url, 'yours')).status).toBe(409);
    await using opened = await storage.open('taken.txt');
    expect(await opened.text()).toBe('mine');
    expect(await names()).toEqual(before);
  });

  test('of twenty at once one is stored', async () => {
    const upload = await storage.signedUpload('race.txt', SOON);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => put(upload.url, `${index}`)));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...Array.from({ length: 19 }, () => 409)]);
    expect((await names()).filter(name => name.startsWith('race'))).toEqual(['race.txt']);
  });

  const digest = {
    algorithm: 'sha256',
    base64: createHash('sha256').update('hello').digest('base64'),
  } as const;
  const otherDigest = createHash('sha256').update('other').digest('base64');
  const stream = (text: string): ReadableStream<Uint8Array> => new Blob([text]).stream();

  test.each<
    [string, Parameters<typeof storage.signedUpload>[1], () => BodyInit, Record<string, string>, number]
  >([
    ['another type', { ...SOON, contentType: 'image/png' }, () => 'x', { 'content-type': 'text/html' }, 415],
    [
      'a type with more',
      { ...SOON, contentType: 'image/png' },
      () => 'x',
      { 'content-type': 'image/png; a=b' },
      415,
    ],
    ['more bytes than exactly', { ...SOON, exactBytes: 4 }, () => 'hello', {}, 400],
    ['fewer bytes than exactly', { ...SOON, exactBytes: 6 }, () => 'hello', {}, 400],
    ['a stream of more than exactly', { ...SOON, exactBytes: 4 }, () => stream('hello'), {}, 400],
    ['a stream of fewer than exactly', { ...SOON, exactBytes: 6 }, () => stream('hello'), {}, 400],
    ['more bytes than at most', { ...SOON, maxBytes: 4 }, () => 'hello', {}, 413],
    ['a stream of more than at most', { ...SOON, maxBytes: 4 }, () => stream('hello'), {}, 413],
    ['another digest', { ...SOON, digest }, () => 'jello', {}, 400],
    ['a stream of another digest', { ...SOON, digest }, () => stream('jello'), {}, 400],
    ['an empty body of another digest', { ...SOON, digest }, () => '', {}, 400],
    ['a digest announced wrongly', SOON, () => 'hello', { 'repr-digest': `sha-256=:${otherDigest}:` }, 400],
    [
      'one of two announced wrongly',
      SOON,
      () => 'hello',
      { 'content-digest': `sha-256=:${digest.base64}:, sha-256=:${otherDigest}:` },
      400,
    ],
    ['an MD5 announced wrongly', SOON, () => 'hello', { 'content-md5': 'AAAAAAAAAAAAAAAAAAAAAA==' }, 400],
    ['encoded bytes', SOON, () => 'hello', { 'content-encoding': 'gzip' }, 415],
    ['a part', SOON, () => 'hello', { 'content-range': 'bytes 0-4/10' }, 400],
    ['a wish to replace', SOON, () => 'hello', { 'if-match': '*' }, 412],
  ])('an upload with %s stores nothing', async (what, options, body, headers, status) => {
    const upload = await storage.signedUpload(`refused/${what}.txt`, options);
    const before = await names();
    const response = await put(upload.url, body(), { ...upload.headers, ...headers });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await names()).toEqual(before);
  });

  test('an upload without the type that was signed stores nothing', async () => {
    const upload = await storage.signedUpload('refused/no-type', { ...SOON, contentType: 'image/png' });
    expect((await put(upload.url, new Uint8Array(1))).status).toBe(415);
    expect(await storage.exists('refused/no-type')).toBe(false);
  });

  test('a type with blanks around it, which no header keeps, is the type', async () => {
    const upload = await storage.signedUpload('blanks.txt', { ...SOON, contentType: ' text/plain ' });
    expect((await put(upload.url, 'hello', upload.headers)).status).toBe(201);
    expect((await storage.info('blanks.txt')).contentType).toBe('text/plain');
  });

  test('an upload that was refused can be made again, rightly', async () => {
    const options = { ...SOON, contentType: 'text/plain', exactBytes: 5, maxBytes: 5, digest };
    const upload = await storage.signedUpload('right.txt', options);
    expect((await put(upload.url, 'jello', upload.headers)).status).toBe(400);
    const announced = {
      'repr-digest': `sha-256=:${digest.base64}:`,
      'content-md5': createHash('md5').update('hello').digest('base64'),
    };
    expect((await put(upload.url, stream('hello'), { ...upload.headers, ...announced })).status).toBe(201);
    await using opened = await storage.open('right.txt');
    expect(await opened.text()).toBe('hello');
  });

  test('an empty file can be uploaded', async () => {
    const upload = await storage.signedUpload('empty.bin', { ...SOON, exactBytes: 0 });
    expect((await put(upload.url, '')).status).toBe(201);
    expect((await storage.info('empty.bin')).sizeBytes).toBe(0);
  });

  test('an upload whose client leaves stores nothing', async () => {
    const upload = await storage.signedUpload('left.bin', SOON);
    const before = await names();
    const left = new AbortController();
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await turn();
        controller.enqueue(new Uint8Array(65_536));
        if (++sent === 20) left.abort();
      },
    });
    const sending = fetch(site.origin + upload.url, {
      method: 'PUT',
      body,
      signal: left.signal,
      duplex: 'half',
    } as RequestInit).catch(error => error.name);
    expect(await sending).toBe('AbortError');
    expect((await put((await storage.signedUpload('after.bin', SOON)).url, 'x')).status).toBe(201);
    expect(await names()).toEqual(['after.bin', ...before].sort());
  });

  test('no header comes out of a name, a parameter or a request', async () => {
    const evil = 'x"; filename=evil.exe\r\nset-cookie: a=b\r\n\r\n<script>';
    await expect(storage.signedUrl('a', { ...SOON, download: evil })).rejects.toMatchObject({
      code: 'invalid-argument',
    });
    const options = { ...SOON, download: 'x"; filename="evil.exe;%0d%0aset-cookie: a=b' };
    for (const name of ['x%0d%0aset-cookie: a=b.txt', 'quo"te.txt', "semi;colon='.txt"]) {
      await storage.save(name, 'x');
      for (const url of [await storage.url(name, SOON), await storage.signedUrl(name, options)]) {
        const response = await send(url);
        expect(response.status).toBe(200);
        expect(response.headers.get('set-cookie')).toBeNull();
        expect(response.headers.get('content-disposition')?.match(/filename="/g)).toHaveLength(1);
      }
    }
    const injected = [
      '%0d%0aset-cookie:a=b',
      '%00',
      '%E5%98%8A%E5%98%8Dset-cookie:a=b',
      '<script>',
      '\\..\\',
    ];
    const url = await storage.url('quo"te.txt', SOON);
    for (const text of injected)
      for (const address of [
        `${url}${text}`,
        `${url}&x=${text}`,
        url.replace('?', `${text}?`),
        `/${text}${url}`,
      ]) {
        const response = await send(address);
        expect([200, 403], address).toContain(response.status);
        expect(response.headers.get('set-cookie')).toBeNull();
        if (response.status === 403) expect(await response.text()).not.toContain('script');
      }
  });

  test('none of 200 altered URLs passes', async () => {
    const handler = mount(storage);
    const signed = [
      await storage.url('taken.txt', SOON),
      (await storage.signedUpload('new.txt', SOON)).url,
    ].map(url => url.split('fieldfile=')[1] ?? '');
    const statuses = new Set<number>();
    for (const altered of alteredTokens(signed, 200)) {
      const query = new URLSearchParams({ fieldfile: altered });
      for (const method of ['GET', 'PUT']) {
        const address = `http://localhost/media/${method === 'GET' ? 'taken' : 'new'}.txt?${query}`;
        const response = await handler(
          new Request(address, { method, ...(method === 'PUT' ? { body: 'x' } : {}) }),
        );
        statuses.add(response.status);
      }
    }
    expect([...statuses]).toEqual([403]);
    expect(await storage.exists('new.txt')).toBe(false);
  });
}

const ALTERED = load({ test: 10_000, ci: 100_000, deep: 100_000 });

test(`none of ${ALTERED} altered tokens of signed URLs passes`, async () => {
  const storage = new MemoryStorage(own);
  const urls = [await storage.url('a.txt', SOON), await storage.url('a.txt', { ...SOON, download: 'b.txt' })];
  const signed = urls.map(url => url.split('fieldfile=')[1] ?? '');
  let passed = 0;
  for (const altered of alteredTokens(signed, ALTERED))
    try {
      storage.backend.verifyToken(new URLSearchParams({ fieldfile: altered }), 'GET');
      passed++;
    } catch (error) {
      if (!isFieldFileError(error, 'permission')) throw error;
    }
  expect(passed).toBe(0);
});

test('URLs of wrappers around a storage lead to it', async () => {
  const storage = new MemoryStorage(own);
  const handler = mount(storage);
  const tenant = new Storage(withPrefix(storage.backend, 'tenants/7'));
  await tenant.save('a.txt', 'hello');
  for (const wrapper of [tenant, new Storage(readOnly(withPrefix(storage.backend, 'tenants/7')))]) {
    if (!canSignUrls(wrapper)) throw new Error('cannot sign');
    const response = await handler(
      new Request(new URL(await wrapper.url('a.txt', SOON), 'http://localhost')),
    );
    expect(await response.text()).toBe('hello');
  }
  if (!canSignUploads(tenant)) throw new Error('cannot sign');
  const upload = await tenant.signedUpload('b.txt', SOON);
  const request = new Request(new URL(upload.url, 'http://localhost'), { method: 'PUT', body: 'new' });
  expect((await handler(request)).status).toBe(201);
  expect(await tenant.exists('b.txt')).toBe(true);
});

test('a storage that serves its own URLs answers nothing here', async () => {
  const { verifyToken: _, ...cloud } = { ...new MemoryStorage().backend, verifyToken: undefined };
  const elsewhere = new Storage(
    Object.assign(new MemoryStorage().backend, cloud, { verifyToken: undefined }),
  );
  const response = await mount(elsewhere)(new Request('http://localhost/media/a.txt?fieldfile=a.b'));
  expect(response.status).toBe(404);
});

test('a storage without a key refuses everything', async () => {
  const storage = new MemoryStorage({ baseUrl: '/media/' });
  await storage.save('a.txt', 'x');
  const signed = await new MemoryStorage(own).url('a.txt', SOON);
  for (const url of ['/media/a.txt', signed])
    expect((await mount(storage)(new Request(`http://localhost${url}`))).status).toBe(403);
  const bare = new MemoryStorage();
  expect((await mount(bare)(new Request(`http://localhost${signed}`))).status).toBe(404);
});

test('options that are none are refused', () => {
  expect(() => mount(new MemoryStorage(), { origin: '*' } as never)).toThrow(
    expect.objectContaining({ code: 'invalid-argument' }),
  );
});

describe('a public mount', () => {
  test('gives every object at its address, and stores nothing without a signature', async () => {
    const storage = new MemoryStorage({
      ...own,
      baseUrl: 'https://media.example.com/pub%20lic/',
      urls: 'public',
    });
    const handler = mount(storage, { publicRead: true });
    await storage.save('a b/ü.txt', 'hello');
    const url = await storage.url('a b/ü.txt');
    expect(url).not.toContain('?');
    const response = await handler(new Request(url));
    expect([response.status, await response.text()]).toEqual([200, 'hello']);
    expect((await handler(new Request(url, { method: 'PUT', body: 'x' }))).status).toBe(403);
    expect((await handler(new Request(url, { method: 'HEAD' }))).status).toBe(200);
    for (const [address, status] of [
      ['https://media.example.com/a b/ü.txt', 400],
      ['https://media.example.com/pub%20lic/', 400],
      ['https://media.example.com/pub%20lic/absent', 404],
      ['https://media.example.com/pub%20lic/..%2fa', 400],
      [`${url}?fieldfile=a.b`, 403],
    ] as const)
      expect((await handler(new Request(address))).status, address).toBe(status);
    const signed = await storage.signedUrl('a b/ü.txt', { ...SOON, download: 'b.txt' });
    const saved = await handler(new Request(signed));
    expect(saved.headers.get('content-disposition')).toContain('b.txt');
    expect(await saved.text()).toBe('hello');
  });
});

describe('pages of other origins', () => {
  const APP = 'https://app.example.com';
  const ask = (
    storage: MemoryStorage,
    origins: readonly string[] | '*',
    origin: string,
    init: RequestInit = {},
  ) =>
    mount(storage, { origins })(
      new Request('http://localhost/media/a.txt', { ...init, headers: { origin, ...init.headers } }),
    );
  const asking = { method: 'OPTIONS', headers: { 'access-control-request-method': 'PUT' } };

  test('may upload and read where they are allowed', async () => {
    const storage = new MemoryStorage(own);
    const allowed = await ask(storage, [APP], APP, asking);
    expect(allowed.status).toBe(204);
    expect(Object.fromEntries(allowed.headers)).toMatchObject({
      'access-control-allow-origin': APP,
      'access-control-allow-methods': 'GET, HEAD, PUT',
      vary: 'origin',
    });
    expect(allowed.headers.get('access-control-allow-headers')).toContain('content-type');
    const upload = await storage.signedUpload('a.txt', SOON);
    const handler = mount(storage, { origins: [APP] });
    const headers = { origin: APP };
    const stored = await handler(
      new Request(`http://localhost${upload.url}`, { method: 'PUT', body: 'hello', headers }),
    );
    expect(stored.headers.get('access-control-allow-origin')).toBe(APP);
    expect(stored.headers.get('access-control-expose-headers')).toContain('etag');
    expect(stored.headers.get('access-control-allow-credentials')).toBeNull();
    const read = await handler(
      new Request(`http://localhost${await storage.url('a.txt', SOON)}`, { headers }),
    );
    expect(read.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(await read.text()).toBe('hello');
    expect(
      (await ask(storage, '*', 'https://any.example', asking)).headers.get('access-control-allow-origin'),
    ).toBe('*');
  });

  test('may not elsewhere, and errors are readable where they may', async () => {
    const storage = new MemoryStorage(own);
    for (const origin of [
      'https://evil.example',
      'null',
      `${APP}.evil.example`,
      APP.toUpperCase(),
      'http://app.example.com',
    ])
      for (const init of [asking, {}]) {
        const response = await ask(storage, [APP], origin, init);
        expect(response.headers.get('access-control-allow-origin'), origin).toBeNull();
        expect(response.headers.get('vary')).toBe('origin');
      }
    for (const init of [asking, {}])
      expect((await ask(storage, [], APP, init)).headers.get('access-control-allow-origin')).toBeNull();
    const refused = await ask(storage, [APP], APP);
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([403, APP]);
  });

  test.each([['app.example.com'], ['https://app.example.com/'], ['https://app.example.com/x'], ['*'], [1]])(
    'are refused when they are no origins: %j',
    origins => {
      expect(() => mount(new MemoryStorage(), { origins: [origins].flat() as never })).toThrow(
        expect.objectContaining({ code: 'invalid-argument' }),
      );
    },
  );
});
