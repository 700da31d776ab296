import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineFiles, model } from '@fieldfile/core';
import { FileSystemStorage } from '@fieldfile/fs';
import { MemoryStorage } from '@fieldfile/memory';
import { MemoryTable } from '@fieldfile/memory/table';
import type { Storage } from '@fieldfile/storage';
import { afterAll, describe, expect, test } from 'vitest';
import { type FileRequest, type FilesOptions, files } from '../src/routes/files.ts';
import { mount } from '../src/routes/mount.ts';
import { listen } from './listen.ts';

const own = { baseUrl: '/media/', signingKey: 'correct horse battery staple, at length' };

async function media(): Promise<MemoryStorage> {
  const storage = new MemoryStorage(own);
  await storage.save('a b/ü?.txt', 'hello');
  await storage.save('page.html', '<script>alert(1)</script>');
  await storage.save('cat.png', 'pixels', { contentType: 'image/png' });
  return storage;
}

/** The whole answer. */
async function ask(
  handler: (request: Request) => Promise<Response>,
  path: string,
  init: RequestInit = {},
): Promise<Response> {
  const { body, status, headers } = await handler(new Request(`http://localhost${path}`, init));
  return new Response(body && (await new Response(body).arrayBuffer()), { status, headers });
}

const allow = (): boolean => true;

describe('who may read', () => {
  test('nobody, where nobody was asked', async () => {
    const handler = files({ baseUrl: '/files/', find: await media() });
    for (const path of ['cat.png', 'absent.png', '%2e%2e%2fx']) {
      const response = await ask(handler, `/files/${path}`);
      expect([response.status, (await response.json()).code]).toEqual([403, 'permission']);
    }
  });

  test.each<[string, unknown, number]>([
    ['false', false, 403],
    ['undefined', undefined, 403],
    ['null', null, 403],
    ['a text', 'yes', 403],
    ['1', 1, 403],
    ['an object', {}, 403],
    ['true', true, 200],
    ['an answer', new Response(null, { status: 401 }), 401],
  ])('%s is what it is taken for', async (_, answer, status) => {
    const storage = await media();
    for (const authorize of [() => answer, async () => answer]) {
      const handler = files({ baseUrl: '/files/', find: storage, authorize: authorize as () => boolean });
      expect((await ask(handler, '/files/cat.png')).status).toBe(status);
      expect((await ask(handler, '/files/cat.png', { method: 'HEAD' })).status).toBe(status);
    }
  });

  test('is asked with the request, the path and the file', async () => {
    const storage = await media();
    const asked: FileRequest[] = [];
    const authorize = (one: FileRequest): boolean => {
      asked.push(one);
      return one.request.headers.get('x-user') === 'ann';
    };
    const handler = files({ baseUrl: 'https://example.com/files', find: storage, authorize });
    const path = '/files/a%20b/%C3%BC%3F.txt?x=1';
    expect((await ask(handler, path)).status).toBe(403);
    const response = await ask(handler, path, { headers: { 'x-user': 'ann' } });
    expect(await response.text()).toBe('hello');
    expect(asked[0]).toMatchObject({ path: 'a b/ü?.txt', file: { storage, name: 'a b/ü?.txt' }, storage });
  });

  test('who is asked and fails is no permission', async () => {
    const errors: unknown[] = [];
    const handler = files({
      baseUrl: '/files/',
      find: await media(),
      authorize: () => {
        throw new Error('the database is down: password=hunter2');
      },
      serve: { onError: error => void errors.push(error) },
    });
    const response = await ask(handler, '/files/cat.png');
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('hunter2');
    expect(errors).toHaveLength(1);
  });

  test('can be concealed: what is forbidden is answered as what is not there', async () => {
    const storage = await media();
    const find = async (path: string) => ((await storage.exists(path)) ? { storage, name: path } : undefined);
    const handler = files({ baseUrl: '/files/', find, conceal: true });
    const [forbidden, absent] = [await ask(handler, '/files/cat.png'), await ask(handler, '/files/dog.png')];
    expect([forbidden.status, await forbidden.text()]).toEqual([absent.status, await absent.text()]);
    expect([...forbidden.headers]).toEqual([...absent.headers]);
    expect(forbidden.status).toBe(404);
  });
});

describe('files', () => {
  test('are found by the application, as handles of rows', async () => {
    const storage = await media();
    const table = new MemoryTable<{ id: number; avatar: string | null }>({ key: ['id'], files: ['avatar'] });
    const users = defineFiles(
      model<{ id: number; avatar: string | null }>()('user', 'id'),
      { avatar: { storage } },
      table.binding,
    );
    await table.insert({ id: 1, avatar: null });
    await table.insert({ id: 2, avatar: null });
    await (await users.avatar.byKey({ id: 1 })).save('me', { name: 'me.txt' });
    const found: (Storage | undefined)[] = [];
    const handler = files({
      baseUrl: '/avatars/',
      find: path => users.avatar.byKey({ id: Number(path) }),
      authorize: ({ file, storage }) => {
        found.push(storage);
        return file.name !== undefined;
      },
    });
    expect(await (await ask(handler, '/avatars/1')).text()).toBe('me');
    for (const path of ['2', '3', 'x', ''])
      expect((await ask(handler, `/avatars/${path}`)).status).not.toBe(200);
    expect((await ask(handler, '/avatars/2')).status).toBe(404);
    expect((await ask(handler, '/avatars/3')).status).toBe(404);
    expect(found[0]).toBe(storage);
  });

  test('are those below the base, and nothing else', async () => {
    const handler = files({ baseUrl: '/files/', find: await media(), authorize: allow });
    for (const [path, status] of [
      ['/files/', 404],
      ['/files', 404],
      ['/filesx/cat.png', 404],
      ['/cat.png', 404],
      ['/files/../cat.png', 404],
      ['/files/absent.png', 404],
      ['/files/%2e%2e%2fcat.png', 400],
      ['/files/%00', 400],
      ['/files/%ff', 404],
      ['/files/%', 404],
      ['/files//cat.png', 400],
    ] as const)
      expect((await ask(handler, path)).status, path).toBe(status);
    const wrong = await ask(handler, '/files/cat.png', { method: 'POST' });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  test('put nothing of the request or their names into headers', async () => {
    const storage = await media();
    const handler = files({ baseUrl: '/files/', find: storage, authorize: allow, deliver: 'redirect' });
    const proxy = files({ baseUrl: '/files/', find: storage, authorize: allow });
    for (const name of [
      'x%0d%0aset-cookie: a=b.txt',
      'quo"te\u202e.txt',
      '//evil.example/x',
      'a;b=c\u2028.txt',
    ]) {
      await storage.save(name, 'x').catch(() => {});
      for (const one of [handler, proxy])
        for (const path of [
          encodeURIComponent(name),
          encodeURI(name),
          `cat.png?x=${encodeURIComponent(name)}`,
        ]) {
          const response = await ask(one, `/files/${path}`);
          expect(response.headers.get('set-cookie')).toBeNull();
          const location = response.headers.get('location');
          if (location !== null) expect(new URL(location, 'http://localhost').host).toBe('localhost');
          for (const [, value] of response.headers) expect(value).toMatch(/^[\x20-\x7e]*$/);
        }
    }
  });

  test.each<[string, Partial<FilesOptions>]>([
    ['baseUrl', { baseUrl: 'files/' }],
    ['baseUrl', { baseUrl: '//evil.example/' }],
    ['urlSeconds', { urlSeconds: 1 }],
    ['urlSeconds', { urlSeconds: Number.NaN }],
    ['authorise', { authorise: allow } as never],
    ['authorize', { authorize: true } as never],
    ['find', { find: 'files' } as never],
    ['find', { find: undefined } as never],
  ])('refuse a wrong %s', (option, wrong) => {
    const options = { baseUrl: '/files/', find: () => undefined, ...wrong };
    expect(() => files(options)).toThrow(
      expect.objectContaining({ code: 'invalid-argument', message: expect.stringContaining(option) }),
    );
  });
});

describe('a redirect', () => {
  const root = mkdtempSync(join(tmpdir(), 'fieldfile-files-'));
  afterAll(() => rmSync(root, { recursive: true }));

  test.each<[string, () => Storage]>([
    ['memory', () => new MemoryStorage(own)],
    ['the disk', () => new FileSystemStorage({ root, ...own })],
  ])('to %s leads to the file, and holds for shorter than the URL', async (_, make) => {
    const storage = make();
    await storage.save('cat.txt', 'a cat');
    const authorized = files({
      baseUrl: '/files/',
      find: storage,
      authorize: allow,
      deliver: 'redirect',
      urlSeconds: 100,
    });
    const mounted = mount(storage);
    await using site = await listen(request =>
      new URL(request.url).pathname.startsWith('/media/') ? mounted(request) : authorized(request),
    );
    const first = await fetch(`${site.origin}/files/cat.txt`, { redirect: 'manual' });
    expect(first.status).toBe(302);
    expect(first.headers.get('cache-control')).toBe('private, max-age=50');
    const target = await fetch(new URL(first.headers.get('location') ?? '', site.origin));
    const [, leftSeconds = 0] = /max-age=(\d+)/.exec(target.headers.get('cache-control') ?? '') ?? [];
    expect(Number(leftSeconds)).toBeGreaterThanOrEqual(95);
    expect(await target.text()).toBe('a cat');
    const followed = await fetch(`${site.origin}/files/cat.txt`, { headers: { range: 'bytes=2-' } });
    expect([followed.status, await followed.text()]).toEqual([206, 'cat']);
  });

  test('shows what may be shown, and saves the rest', async () => {
    const storage = await media();
    const handler = files({ baseUrl: '/files/', find: storage, authorize: allow, deliver: 'redirect' });
    const signed = async (path: string) => {
      const location = (await ask(handler, `/files/${path}`)).headers.get('location') ?? '';
      return storage.backend.verifyToken(location, 'GET');
    };
    expect(await signed('cat.png')).toMatchObject({ disposition: 'inline', download: 'cat.png' });
    expect(await signed('page.html')).toMatchObject({ disposition: 'attachment', download: 'page.html' });
    expect((await ask(handler, '/files/absent.png')).status).toBe(404);
  });

  test('is made by option, by storage, and not where a storage has no URLs', async () => {
    const [signing, bare] = [await media(), new MemoryStorage()];
    await bare.save('cat.png', 'pixels');
    const find = (path: string) => ({
      storage: path.startsWith('bare/') ? bare : signing,
      name: path.replace('bare/', ''),
    });
    const all = files({ baseUrl: '/files/', find, authorize: allow, deliver: 'redirect' });
    const some = files({
      baseUrl: '/files/',
      find,
      authorize: allow,
      deliver: ({ storage }) => (storage === signing ? 'redirect' : 'proxy'),
    });
    for (const handler of [all, some]) {
      expect((await ask(handler, '/files/cat.png')).status).toBe(302);
      expect((await ask(handler, '/files/bare/cat.png')).status).toBe(200);
    }
    const own = files({
      baseUrl: '/files/',
      find: () => ({ info: { sizeBytes: 1 }, open: () => new Blob(['x']).stream() }),
      authorize: allow,
      deliver: 'redirect',
    });
    expect(await (await ask(own, '/files/x')).text()).toBe('x');
  });
});
