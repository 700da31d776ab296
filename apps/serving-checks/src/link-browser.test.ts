import { mount, Tokens } from '@fieldfile/http';
import { Links, linkRoute, MemoryLinks } from '@fieldfile/http/links';
import { toNodeHandler } from '@fieldfile/http/node';
import { MemoryStorage } from '@fieldfile/memory';
import chromium from '@sparticuz/chromium';
import { type Browser, chromium as driver, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seek } from './seek.ts';
import { listen } from './servers/listen.ts';
import type { Site } from './site.ts';
import { tone } from './tone.ts';

const SECONDS = 600;
const ONCE = { expiresInSeconds: 600, uses: 1 };

let browser: Browser;
let site: Site;
const storage = new MemoryStorage({ baseUrl: '/media/', signingKey: 'a secret that nobody else here knows' });
const links = new Links({
  store: new MemoryLinks(),
  tokens: new Tokens({ secrets: 'a secret that nobody else here knows' }),
  baseUrl: '/links/',
  storages: [storage],
});
const file = { storage, name: 'tone.wav' };
/** How often the link was asked for. */
let asked = 0;

beforeAll(async () => {
  await storage.save('tone.wav', tone(SECONDS));
  site = await listen(
    toNodeHandler(async request => {
      const { pathname, searchParams, host } = new URL(request.url);
      // The application is at `localhost`, the files are at `127.0.0.1`.
      const mounted = mount(storage, { origins: [`http://localhost:${host.split(':')[1]}`] });
      if (pathname.startsWith('/media/')) return mounted(request);
      if (pathname === '/app')
        return new Response(searchParams.get('body'), { headers: { 'content-type': 'text/html' } });
      asked += 1;
      return linkRoute(links, { confirm: searchParams.has('confirm') })(request);
    }),
  );
  browser = await driver.launch({
    executablePath: await chromium.executablePath(),
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
});

afterAll(async () => {
  await browser?.close();
  await site?.[Symbol.asyncDispose]();
});

const at = (path: string, host = '127.0.0.1'): string => `http://${host}:${site.port}${path}`;
const app = (body: string, host?: string): string => at(`/app?body=${encodeURIComponent(body)}`, host);
const usesOf = async (id: string): Promise<number | undefined> => (await links.get(id))?.uses;

/** A browser that was never here: it has no cookies. */
async function stranger(): Promise<Page> {
  const context = await browser.newContext();
  return context.newPage();
}

test('a link that may be used once plays, seeks and is opened again in one browser, and in no other', async () => {
  const given = await links.give(file, ONCE);
  const page = await stranger();
  asked = 0;
  await page.goto(at(given.url));
  for (const seconds of [500, 10, 300, 550]) expect(await seek(page, seconds)).toBeCloseTo(seconds, 0);
  await page.reload();
  expect(await seek(page, 400)).toBeCloseTo(400, 0);
  await page.goto(app(`<audio src="${given.url}"></audio>`));
  expect(await seek(page, 100)).toBeCloseTo(100, 0);
  expect(asked).toBeGreaterThan(5);
  expect(await usesOf(given.id)).toBe(1);
  const other = await stranger();
  expect((await other.goto(at(given.url)))?.status()).toBe(410);
  await links.takeBack({ id: given.id });
  expect((await page.goto(at(given.url)))?.status()).toBe(410);
});

test('a page embeds a link that may be used once, and seeks in it', async () => {
  const given = await links.give(file, ONCE);
  const page = await stranger();
  await page.goto(app(`<audio preload="metadata" src="${given.url}"></audio>`));
  for (const seconds of [500, 10]) expect(await seek(page, seconds)).toBeCloseTo(seconds, 0);
  expect(await usesOf(given.id)).toBe(1);
});

test('a link with a page is used when its button is pressed', async () => {
  const given = await links.give({ ...file }, { ...ONCE, disposition: 'attachment' });
  const page = await stranger();
  await page.goto(at(`${given.url}?confirm`));
  await page.reload();
  expect(await usesOf(given.id)).toBe(0);
  const download = page.waitForEvent('download');
  await page.click('button');
  expect((await download).suggestedFilename()).toBe('tone.wav');
  expect(await usesOf(given.id)).toBe(1);
});

test('a page of an allowed origin uploads to a signed URL, once, and one of another does not', async () => {
  const upload = await storage.signedUpload('from-a-page.txt', {
    expiresInSeconds: 600,
    contentType: 'text/plain',
    maxBytes: 5,
  });
  const put = async (host: string, content: string): Promise<number | string> => {
    const page = await stranger();
    await page.goto(app('', host));
    return page.evaluate(
      ([url, headers, body]) =>
        fetch(url, { method: 'PUT', headers, body }).then(
          response => (response.headers.has('etag') ? response.status : `${response.status} without a tag`),
          () => 'blocked',
        ),
      [at(upload.url), upload.headers, content] as const,
    );
  };
  expect(await put('localhost', 'too long')).toBe('413 without a tag');
  expect(await put('localhost', 'hello')).toBe(201);
  expect(await put('localhost', 'again')).toBe('409 without a tag');
  expect(await put('other.localhost', 'again')).toBe('blocked');
  await using opened = await storage.open('from-a-page.txt');
  expect(await opened.text()).toBe('hello');
});
