import { MemoryStorage } from '@fieldfile/memory';
import { describe, expect, test } from 'vitest';
import type { LinkEvent } from '../src/links/link-event.ts';
import { type LinkRouteOptions, linkRoute } from '../src/links/link-route.ts';
import { Links, type LinksOptions } from '../src/links/links.ts';
import { MemoryLinks } from '../src/links/memory-links.ts';
import { Tokens } from '../src/tokens/tokens.ts';
import { listen } from './listen.ts';

const SECRET = 'correct horse battery staple, at length';
const SOON = { expiresInSeconds: 60 };
const CHROME =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

async function fixture(route: LinkRouteOptions = {}, options: Partial<LinksOptions> = {}) {
  let ahead = 0;
  const clock = () => new Date(Date.now() + ahead);
  const storage = new MemoryStorage();
  await storage.save('film.mp4', '0123456789', { contentType: 'video/mp4' });
  const file = { storage, name: 'film.mp4' };
  const events: LinkEvent[] = [];
  const links = new Links({
    store: new MemoryLinks({ clock }),
    tokens: new Tokens({ secrets: SECRET, clock }),
    baseUrl: '/links/',
    storages: [storage],
    onEvent: event => void events.push(event),
    ...options,
  });
  const handler = linkRoute(links, route);
  const site = await listen(handler);
  return {
    ...{ storage, file, links, handler, site, events },
    later: (seconds: number) => {
      ahead += seconds * 1000;
    },
    uses: async (id: string) => (await links.get(id))?.uses,
    [Symbol.asyncDispose]: () => site[Symbol.asyncDispose](),
  };
}

/** A browser: it keeps cookies by their path. */
function browser(origin: string, userAgent = CHROME) {
  const cookies = new Map<string, string>();
  return {
    cookies,
    async ask(url: string, init: RequestInit & { readonly headers?: Record<string, string> } = {}) {
      const cookie = [...cookies].filter(([path]) => url.startsWith(path)).map(([, value]) => value);
      const headers = {
        'user-agent': userAgent,
        ...(cookie.length > 0 ? { cookie: `other=1; ${cookie.join('; ')}` } : {}),
        ...init.headers,
      };
      const response = await fetch(new URL(url, origin), { redirect: 'manual', ...init, headers });
      for (const set of response.headers.getSetCookie()) {
        const [value = '', ...attributes] = set.split('; ');
        const path = attributes.find(one => one.startsWith('Path='))?.slice(5) ?? '/';
        cookies.set(path, value);
      }
      return response;
    },
  };
}

describe('a use', () => {
  test('is the first GET of a client: seeking, continuing, HEAD and looking again are none', async () => {
    await using site = await fixture();
    const given = await site.links.give(site.file, { ...SOON, uses: 1 });
    const { ask } = browser(site.site.origin);
    for (let index = 0; index < 3; index++) {
      const head = await ask(given.url, { method: 'HEAD' });
      expect([head.status, head.headers.get('content-length')]).toEqual([200, '10']);
      expect(head.headers.getSetCookie()).toEqual([]);
    }
    expect(await site.uses(given.id)).toBe(0);
    const first = await ask(given.url, { headers: { range: 'bytes=0-' } });
    expect([first.status, await first.text()]).toEqual([206, '0123456789']);
    for (const range of ['bytes=5-', 'bytes=2-3', 'bytes=-1', 'bytes=0-1,4-5']) {
      const part = await ask(given.url, { headers: { range } });
      expect(part.status).toBe(206);
      await part.text();
    }
    expect(await (await ask(given.url)).text()).toBe('0123456789');
    expect((await ask(given.url, { method: 'HEAD' })).status).toBe(200);
    expect(await site.uses(given.id)).toBe(1);
    const another = browser(site.site.origin);
    for (const method of ['GET', 'HEAD']) expect((await another.ask(given.url, { method })).status).toBe(410);
    expect(site.events.filter(({ type }) => type === 'used')).toHaveLength(1);
  });

  test('is none where no bytes are sent', async () => {
    await using site = await fixture();
    const given = await site.links.give(site.file, { ...SOON, uses: 1 });
    const { ask, cookies } = browser(site.site.origin);
    const etag = (await ask(given.url, { method: 'HEAD' })).headers.get('etag') ?? '';
    for (const [headers, status] of [
      [{ 'if-none-match': etag }, 304],
      [{ 'if-match': '"other"' }, 412],
      [{ range: 'bytes=100-' }, 416],
    ] as const)
      expect((await ask(given.url, { headers })).status).toBe(status);
    expect((await ask(given.url, { method: 'POST' })).status).toBe(405);
    expect([await site.uses(given.id), cookies.size]).toEqual([0, 0]);
  });

  test('is of one link: the session is sent for it alone, by no script and to no other site', async () => {
    await using site = await fixture({}, { sessionSeconds: 100 });
    const [one, other] = [await site.links.give(site.file, SOON), await site.links.give(site.file, SOON)];
    const { ask, cookies } = browser(site.site.origin);
    const response = await ask(one.url);
    const [cookie = ''] = response.headers.getSetCookie();
    expect(cookie.split('; ').slice(1)).toEqual([
      `Path=${one.url}`,
      'Max-Age=100',
      'HttpOnly',
      'SameSite=Lax',
    ]);
    await ask(other.url);
    expect([await site.uses(one.id), await site.uses(other.id), cookies.size]).toEqual([1, 1, 2]);
    const stolen = { cookie: cookie.split(';')[0] ?? '' };
    await ask(other.url, { headers: stolen });
    expect(await site.uses(other.id)).toBe(2);
    const secure = await fixture({}, { baseUrl: 'https://example.com/shared/' });
    const given = await secure.links.give(secure.file, SOON);
    const answered = await secure.handler(new Request(given.url));
    expect(answered.headers.get('set-cookie')).toMatch(/; Path=\/shared\/[\w.-]+; .*; Secure$/);
    await answered.body?.cancel();
    await secure[Symbol.asyncDispose]();
  });

  test('lasts for the session, and then it needs another', async () => {
    await using site = await fixture({}, { sessionSeconds: 30 });
    const given = await site.links.give(site.file, { ...SOON, uses: 2 });
    const { ask } = browser(site.site.origin);
    await ask(given.url);
    site.later(29);
    await ask(given.url);
    expect(await site.uses(given.id)).toBe(1);
    site.later(2);
    await ask(given.url);
    expect(await site.uses(given.id)).toBe(2);
  });

  test('is none of those who look at links for others, and they see nothing of the file', async () => {
    await using site = await fixture();
    const given = await site.links.give(site.file, { ...SOON, uses: 1 });
    for (const agent of [
      'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)',
      'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)',
      'Twitterbot/1.0',
      'WhatsApp/2.23.20.0',
      'TelegramBot (like TwitterBot)',
      'Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)',
      'LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)',
      'Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5',
      'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
      'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)',
      'http.rb/5.1.1 (Mastodon/4.2.0; +https://mastodon.example/) Bot',
    ]) {
      const response = await browser(site.site.origin, agent).ask(given.url);
      expect([response.status, response.headers.get('content-type')], agent).toEqual([
        200,
        'text/html; charset=utf-8',
      ]);
      expect(await response.text()).not.toMatch(/film|0123/);
    }
    for (const headers of [
      { 'sec-purpose': 'prefetch' },
      { 'sec-purpose': 'prefetch;prerender' },
      { purpose: 'prefetch' },
      { 'x-purpose': 'preview' },
      { 'x-moz': 'prefetch' },
    ] as Record<string, string>[])
      expect((await browser(site.site.origin).ask(given.url, { headers })).status).toBe(503);
    expect(await site.uses(given.id)).toBe(0);
    for (const agent of [
      CHROME,
      'curl/8.5.0',
      'Mozilla/5.0 (Linux; Android 10; CUBOT NOTE 20) Chrome/140 Mobile',
      'Wget/1.21',
      '',
    ]) {
      const another = await site.links.give(site.file, { ...SOON, uses: 1 });
      expect(await (await browser(site.site.origin, agent).ask(another.url)).text(), agent).toBe(
        '0123456789',
      );
    }
  });

  test('can be asked for by a page, so that no scanner makes one', async () => {
    await using site = await fixture({ confirm: true });
    const given = await site.links.give(site.file, { ...SOON, uses: 1 });
    const scanner = browser(site.site.origin);
    const { ask } = browser(site.site.origin);
    for (const one of [scanner.ask, scanner.ask, ask]) {
      const page = await one(given.url);
      expect(await page.text()).toContain('<form method="post">');
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    }
    expect(await site.uses(given.id)).toBe(0);
    const pressed = await ask(given.url, { method: 'POST' });
    expect([pressed.status, pressed.headers.get('location')]).toEqual([303, given.url]);
    expect(await (await ask(given.url)).text()).toBe('0123456789');
    await ask(given.url, { method: 'POST' });
    expect(await site.uses(given.id)).toBe(1);
    for (const method of ['GET', 'POST', 'HEAD'])
      expect((await scanner.ask(given.url, { method })).status).toBe(410);
    const own = await fixture({ confirm: () => Response.redirect('https://example.com/ask') });
    const elsewhere = await own.links.give(own.file, SOON);
    expect((await browser(own.site.origin).ask(elsewhere.url)).headers.get('location')).toBe(
      'https://example.com/ask',
    );
    await own[Symbol.asyncDispose]();
  });

  test('of 100 clients at once is had by as many as there are', async () => {
    await using site = await fixture();
    const given = await site.links.give(site.file, { ...SOON, uses: 3 });
    const answers = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const response = await browser(site.site.origin).ask(given.url);
        return [response.status, (await response.text()).length > 10] as const;
      }),
    );
    expect(answers.filter(([status]) => status === 200)).toHaveLength(3);
    expect(answers.filter(([status]) => status === 410)).toHaveLength(97);
  });
});

describe('a link that ended', () => {
  test('is refused at the next request, whoever is in the middle of it', async () => {
    await using site = await fixture();
    const { ask } = browser(site.site.origin);
    const codes: string[] = [];
    const check = async (url: string, end: () => unknown) => {
      expect((await ask(url)).status).toBe(200);
      await end();
      for (const headers of [{}, { range: 'bytes=1-2' }] as Record<string, string>[])
        expect((await ask(url, { headers })).status).toBe(410);
      const response = await ask(url);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      codes.push((await response.json()).code);
    };
    const back = await site.links.give(site.file, SOON);
    await check(back.url, () => site.links.takeBack({ id: back.id }));
    const changed = await site.links.give(site.file, SOON);
    await check(changed.url, () => site.storage.replace('film.mp4', 'another film'));
    const gone = await site.links.give(site.file, SOON);
    await check(gone.url, () => site.storage.delete('film.mp4'));
    await site.storage.save('film.mp4', 'x');
    const over = await site.links.give(site.file, SOON);
    await check(over.url, () => site.later(60));
    expect(codes).toEqual(['link-taken-back', 'link-file-changed', 'link-file-gone', 'link-expired']);
  });

  test('and one that never was are 404 and say nothing', async () => {
    await using site = await fixture();
    const { ask } = browser(site.site.origin);
    for (const path of ['/links/', '/links/x', '/links/a.b', '/', '/links/%00', `/links/${'x'.repeat(5000)}`])
      expect((await ask(path)).status, path).toBe(404);
    const foreign = new Links({
      store: new MemoryLinks(),
      tokens: new Tokens({ secrets: 'another secret that nobody here knows' }),
      baseUrl: '/links/',
      storages: [site.storage],
    });
    expect((await ask((await foreign.give(site.file, SOON)).url)).status).toBe(404);
  });
});

test('the application can say who may use a link, beside having it', async () => {
  await using site = await fixture({
    authorize: ({ request, link }) => request.headers.get('x-user') === link.for,
  });
  const given = await site.links.give(site.file, { ...SOON, uses: 1, for: 'ann' });
  const { ask } = browser(site.site.origin);
  expect((await ask(given.url)).status).toBe(403);
  expect((await ask(given.url, { headers: { 'x-user': 'bob' } })).status).toBe(403);
  expect(await site.uses(given.id)).toBe(0);
  expect((await ask(given.url, { headers: { 'x-user': 'ann' } })).status).toBe(200);
  expect((await ask(given.url)).status).toBe(403);
  expect(
    site.events.filter(event => event.type === 'refused' && event.reason === 'not-allowed'),
  ).toHaveLength(3);
  const truthy = await fixture({ authorize: (() => 'yes') as never });
  const other = await truthy.links.give(truthy.file, SOON);
  expect((await truthy.handler(new Request(`http://localhost${other.url}`))).status).toBe(403);
  await truthy[Symbol.asyncDispose]();
});

test('answers are kept by no cache, tell no other site, and put nothing into headers', async () => {
  await using site = await fixture();
  const evil = 'x"; filename="evil.exe;%0d%0aset-cookie: a=b\u202egpj.exe';
  const given = await site.links.give(site.file, { ...SOON, download: evil });
  const { ask } = browser(site.site.origin);
  for (const url of [given.url, '/links/absent', `${given.url}?x=%0d%0aset-cookie:a=b`]) {
    const response = await ask(url);
    expect(response.headers.get('cache-control')).toBe('private, no-store');
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('x-robots-tag')).toBe('noindex, nofollow');
    for (const cookie of response.headers.getSetCookie()) expect(cookie).toMatch(/^fieldfile-link=/);
    for (const [, value] of response.headers) expect(value).toMatch(/^[\x20-\x7e]*$/);
  }
  for (const cookie of [
    'fieldfile-link=',
    'fieldfile-link=x.y',
    '=;;;',
    'fieldfile-link="\\"',
    'a'.repeat(4000),
  ])
    expect((await ask(given.url, { headers: { cookie } })).status).toBe(200);
});

test('the file is shown or saved as the link says, where that is safe', async () => {
  await using site = await fixture();
  await site.storage.save('page.html', '<script>alert(1)</script>');
  const page = { storage: site.storage, name: 'page.html' };
  const { ask } = browser(site.site.origin);
  const saved = await ask(
    (await site.links.give(site.file, { ...SOON, disposition: 'attachment', download: 'a.mp4' })).url,
  );
  expect(saved.headers.get('content-disposition')).toBe('attachment; filename="a.mp4"');
  const shown = await ask((await site.links.give(page, { ...SOON, disposition: 'inline' })).url);
  expect(shown.headers.get('content-disposition')).toMatch(/^attachment/);
});
