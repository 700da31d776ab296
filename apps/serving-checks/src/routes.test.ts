import { files, mount, Tokens } from '@fieldfile/http';
import { Links, linkRoute, MemoryLinks } from '@fieldfile/http/links';
import { toNodeHandler } from '@fieldfile/http/node';
import { canSignUrls, type Storage } from '@fieldfile/storage';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listen } from './servers/listen.ts';
import { type Place, storages } from './servers/storages.ts';
import type { Site } from './site.ts';

for (const [name, start] of Object.entries(storages))
  describe(`routes and links of files on ${name}`, () => {
    let place: Place;
    let storage: Storage;
    let site: Site;
    let links: Links;
    beforeAll(async () => {
      place = await start();
      storage = place.storage;
      links = new Links({
        store: new MemoryLinks(),
        tokens: new Tokens({ secrets: 'a secret that nobody else here knows' }),
        baseUrl: '/links/',
        storages: [storage],
      });
      site = await listen(toNodeHandler(application(storage, links)));
    });
    afterAll(async () => {
      await site[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    });
    const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
      fetch(new URL(path, `http://127.0.0.1:${site.port}`), init);

    test('a file is proxied, or redirected to where the storage has URLs', async () => {
      await storage.save('a b/grüße.txt', 'hello world', { contentType: 'text/plain' });
      for (const route of ['proxied', 'redirected']) {
        const response = await ask(`/${route}/a%20b/gr%C3%BC%C3%9Fe.txt`, { headers: { range: 'bytes=6-' } });
        expect([response.status, await response.text()], route).toEqual([206, 'world']);
        expect(response.headers.get('content-disposition')).toMatch(
          /^inline; filename=.*UTF-8''gr%C3%BC%C3%9Fe\.txt/,
        );
        expect((await ask(`/${route}/absent.txt`)).status).toBe(404);
      }
      const redirect = await ask('/redirected/a%20b/gr%C3%BC%C3%9Fe.txt', { redirect: 'manual' });
      expect(redirect.status).toBe(canSignUrls(storage) ? 302 : 200);
      await redirect.body?.cancel();
    });

    test('what could run scripts is saved, wherever it is redirected to', async () => {
      await storage.save('page.html', '<script>alert(1)</script>', { contentType: 'text/html' });
      for (const route of ['proxied', 'redirected']) {
        const response = await ask(`/${route}/page.html`);
        expect(response.headers.get('content-disposition'), route).toMatch(/^attachment/);
        await response.body?.cancel();
      }
    });

    test('a link is used up, taken back, and ends with the bytes it was given for', async () => {
      await storage.save('report.txt', 'a report');
      const file = { storage, name: 'report.txt' };
      const once = await links.give(file, { expiresInSeconds: 60, uses: 1 });
      const head = await ask(once.url, { method: 'HEAD' });
      expect([head.status, head.headers.get('content-length')]).toEqual([200, '8']);
      const first = await ask(once.url, { headers: { range: 'bytes=2-' } });
      expect([first.status, await first.text()]).toEqual([206, 'report']);
      const cookie = first.headers.getSetCookie()[0]?.split(';')[0] ?? '';
      expect(await (await ask(once.url, { headers: { cookie } })).text()).toBe('a report');
      expect((await ask(once.url)).status).toBe(410);
      await links.takeBack({ id: once.id });
      expect((await ask(once.url, { headers: { cookie } })).status).toBe(410);
      const [same, current] = [
        await links.give(file, { expiresInSeconds: 60 }),
        await links.give(file, { expiresInSeconds: 60, file: 'current' }),
      ];
      await storage.replace('report.txt', 'b report');
      expect((await (await ask(same.url)).json()).code).toBe('link-file-changed');
      expect(await (await ask(current.url)).text()).toBe('b report');
      await storage.delete('report.txt');
      expect((await (await ask(current.url)).json()).code).toBe('link-file-gone');
    });

    test('a mount of it gives nothing that was not signed', async () => {
      const response = await ask('/mounted/report.txt');
      expect(response.status).toBe(404);
    });
  });

/** An application with all of them. */
function application(storage: Storage, links: Links): (request: Request) => Promise<Response> {
  const shared = { find: storage, authorize: () => true };
  const routes: Readonly<Record<string, (request: Request) => Promise<Response>>> = {
    proxied: files({ ...shared, baseUrl: '/proxied/' }),
    redirected: files({ ...shared, baseUrl: '/redirected/', deliver: 'redirect' }),
    mounted: mount(storage),
    links: linkRoute(links),
  };
  return request => {
    const [, first = ''] = new URL(request.url).pathname.split('/');
    return routes[first]?.(request) ?? Promise.resolve(new Response(null, { status: 404 }));
  };
}
