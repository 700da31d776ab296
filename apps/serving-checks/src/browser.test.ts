import { readFile } from 'node:fs/promises';
import { type ServeOptions, serve } from '@fieldfile/http';
import { toNodeHandler } from '@fieldfile/http/node';
import { MemoryStorage } from '@fieldfile/memory';
import chromium from '@sparticuz/chromium';
import { type Browser, chromium as driver, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FILES } from './files.ts';
import { seek } from './seek.ts';
import { listen } from './servers/listen.ts';
import type { Site } from './site.ts';
import { tone } from './tone.ts';

const SECONDS = 600;

/** As people call their files, and as Chromium saves them: it puts `_` where a system takes no such character. */
const NAMES: Readonly<Record<string, string>> = {
  'report.bin': 'report.bin',
  'größe und maß.bin': 'größe und maß.bin',
  '日本語 🗒.bin': '日本語 🗒.bin',
  'עברית ‏1.bin': 'עברית 1.bin',
  'مرحبا.bin': 'مرحبا.bin',
  'a"quoted" name.bin': 'a_quoted_ name.bin',
  "it's 100% \u201cthis\u201d; really.bin": "it's 100% \u201cthis\u201d; really.bin",
  'invoice\u202enib.bin': 'invoicenib.bin',
  'semi;colon, comma=equals.bin': 'semi;colon, comma=equals.bin',
};

let browser: Browser;
/** Files, reached as `127.0.0.1`, the application's own origin, and as `localhost`, the host for files. */
let files: Site;
/** Ranges that were asked for, by path. */
const ranges: [string, string][] = [];
let page: Page;

/** A page of an application, at the origin of the files or on another site. */
let html = '';

beforeAll(async () => {
  const storage = new MemoryStorage();
  const samples: Record<string, Uint8Array> = {
    ...FILES,
    'tone.wav': tone(SECONDS),
    'clip.webm': await readFile(new URL('../samples/clip.webm', import.meta.url)),
  };
  for (const [name, content] of Object.entries(samples)) await storage.save(name, content);
  for (const name of Object.keys(NAMES))
    await storage.save(`saved/${Object.keys(NAMES).indexOf(name)}.bin`, 'x');
  files = await listen(
    toNodeHandler(async request => {
      const { pathname, host, searchParams } = new URL(request.url);
      const bare = /^\/bare\/(.*)\.(html|js)$/.exec(pathname);
      if (bare)
        return new Response(FILES[`${bare[1]}.${bare[2]}`]?.toString(), {
          headers: { 'content-type': bare[2] === 'js' ? 'text/javascript' : 'text/html' },
        });
      if (pathname === '/app') return new Response(html, { headers: { 'content-type': 'text/html' } });
      const range = request.headers.get('range');
      if (range) ranges.push([pathname, range]);
      const options: ServeOptions = {
        fileHost: `localhost:${host.split(':')[1]}`,
        ...(searchParams.has('inline') ? { inline: ['image/svg+xml', 'text/html'] } : {}),
        ...(searchParams.has('as') ? { download: searchParams.get('as') ?? '' } : {}),
      };
      return serve(request, { storage, name: decodeURIComponent(pathname.slice(1)) }, options);
    }),
  );
  browser = await driver.launch({
    executablePath: await chromium.executablePath(),
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
});

afterAll(async () => {
  await browser?.close();
  await files?.[Symbol.asyncDispose]();
});

beforeEach(async context => {
  ranges.length = 0;
  page = await browser.newPage();
  context.onTestFinished(() => page.close());
});

const own = (path: string): string => `http://127.0.0.1:${files.port}/${path}`;
const fileHost = (path: string): string => `http://localhost:${files.port}/${path}`;

/** Opens a page of the application with such a body. */
async function open(body: string, at = own('app')): Promise<void> {
  html = `<!doctype html><title>app</title>${body}`;
  await page.goto(at);
}

describe('what plays', () => {
  test.each([
    ['own origin', own],
    ['file host', fileHost],
  ])('plays and seeks when it is opened by itself on the %s', async (_, at) => {
    await page.goto(at('tone.wav'));
    expect(await seek(page, SECONDS - 10)).toBeCloseTo(SECONDS - 10, 0);
    await page.goto(at('clip.webm'));
    expect(await seek(page, 15)).toBeCloseTo(15, 0);
  });

  test('plays and seeks in a page, by ranges', async () => {
    await open(`<audio preload="metadata" src="${own('tone.wav')}"></audio>`);
    expect(await seek(page, SECONDS - 10)).toBeCloseTo(SECONDS - 10, 0);
    expect(
      ranges.some(([path, range]) => path === '/tone.wav' && Number(range.split(/[=-]/)[1]) > 1_000_000),
    ).toBe(true);
    await open(`<video src="${own('clip.webm')}"></video>`);
    expect(await seek(page, 15)).toBeCloseTo(15, 0);
    expect(await page.evaluate(() => document.querySelector('video')?.videoWidth)).toBe(64);
  });

  test('plays in a page of another site from the file host', async () => {
    await open(`<audio src="${fileHost('tone.wav')}"></audio>`);
    expect(await seek(page, 300)).toBeCloseTo(300, 0);
  });
});

/** The width of the page's image, or what happened instead. */
const imageWidth = (): Promise<number | string> =>
  page.evaluate(async () => {
    const image = document.querySelector('img');
    if (!image) throw new Error('There is no image.');
    if (!image.complete)
      await new Promise(resolve => {
        image.addEventListener('load', resolve, { once: true });
        image.addEventListener('error', resolve, { once: true });
      });
    return image.naturalWidth || 'blocked';
  });

describe('images', () => {
  test('show in a page of another site from the file host, and of it alone', async () => {
    await open(`<img src="${fileHost('pixel.png')}">`);
    expect(await imageWidth()).toBe(1);
    await open(`<img src="${own('pixel.png')}">`, fileHost('app'));
    expect(await imageWidth()).toBe('blocked');
  });

  test('show in the application`s pages, SVG too', async () => {
    await open(`<img src="${own('pixel.png')}">`);
    expect(await imageWidth()).toBe(1);
    await open(`<img src="${own('picture.svg')}">`);
    expect(await imageWidth()).toBeGreaterThan(1);
  });

  test('show when they are opened by themselves', async () => {
    await page.goto(own('pixel.png'));
    expect(await imageWidth()).toBe(1);
  });

  test('text shows when it is opened by itself', async () => {
    await page.goto(own('note.txt'));
    expect(await page.evaluate(() => document.body.innerText.trim())).toBe('Grüße');
  });
});

describe('documents and scripts', () => {
  test.each(['picture.svg', 'page.html', 'page.xhtml', 'data.xml', 'script.js'])(
    '%s is saved, not opened',
    async name => {
      await open('');
      const download = page.waitForEvent('download');
      await page.goto(own(name)).catch(() => {}); // a navigation that becomes a download is one that failed
      expect((await download).suggestedFilename()).toBe(name);
      expect(await page.title()).toBe('app');
    },
  );

  /** Titles of the page and its frames, after everything that it loads. */
  const titles = (): Promise<string[]> => Promise.all(page.frames().map(frame => frame.title()));

  const hasRun = (): Promise<boolean> => page.evaluate(() => 'ran' in globalThis);

  test('do not run in frames and objects of the application, where those of a careless server do', async () => {
    for (const element of ['iframe src', 'object data', 'embed src']) {
      const embed = (address: string): Promise<void> =>
        open(`<${element}="${address}" width=50 height=50></${element.split(' ')[0]}>`);
      await embed(own('bare/page.html'));
      expect(await titles()).toContain('ran');
      for (const name of ['picture.svg', 'page.html']) {
        await embed(own(name));
        expect(await titles()).not.toContain('ran');
      }
    }
  });

  test('do not run on the file host, where they are shown', async () => {
    for (const name of ['picture.svg', 'page.html']) {
      await page.goto(fileHost(`${name}?inline`));
      expect(page.url()).toContain(name);
      expect(await page.title()).not.toBe('ran');
    }
  });

  test('are no script, worker or style of the application`s pages', async () => {
    await open(
      `<script src="${own('script.js')}"></script><link rel="stylesheet" href="${own('style.css')}">`,
    );
    expect(await hasRun()).toBe(false);
    expect(await page.evaluate(() => getComputedStyle(document.body).color)).toBe('rgb(0, 0, 0)');
    const worker = page.evaluate(
      address =>
        navigator.serviceWorker.register(address).then(
          () => 'registered',
          () => 'refused',
        ),
      own('script.js'),
    );
    expect(await worker).toBe('refused');
    await open(`<script src="${own('bare/script.js')}"></script>`);
    expect(await hasRun()).toBe(true);
  });
});

test.each(Object.entries(NAMES))('%j is saved as %j', async (name, saved) => {
  await open('');
  const download = page.waitForEvent('download');
  const index = Object.keys(NAMES).indexOf(name);
  await page.goto(own(`saved/${index}.bin?as=${encodeURIComponent(name)}`)).catch(() => {});
  expect((await download).suggestedFilename()).toBe(saved);
});
