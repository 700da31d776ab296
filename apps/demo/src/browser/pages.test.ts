import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { add, card, type OpenedDemo, openDemo, panel, text, toast } from './open-demo.ts';
import { openPage, PATIENCE_MS } from './open-page.ts';

/** Pictures of all pages are left here, for people to look at. */
const PICTURES = join(tmpdir(), 'fieldfile-demo-pictures');
const AXE = fileURLToPath(import.meta.resolve('axe-core/axe.min.js'));

let demo: OpenedDemo;

beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true });
  demo = await openDemo({ samples: true });
});

afterAll(() => demo?.[Symbol.asyncDispose]());

/** What axe-core objects to. It comes into the page past the page's own policy, as an extension does. */
async function objections(page: Page): Promise<readonly string[]> {
  await page.evaluate(await readFile(AXE, 'utf8'));
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { readonly axe: { run(): Promise<AxeResult> } };
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

/** How each view is come to from the one before. */
const VIEWS: Readonly<Record<string, (page: Page) => Promise<unknown>>> = {
  library: page => card(page, 'Dunes').waitFor(),
  file: async page => {
    await card(page, 'Dunes').click();
    await panel(page).getByText('image/png').waitFor();
  },
  renaming: page => panel(page).getByRole('button', { name: 'Rename' }).click(),
  corners: async page => {
    await page.keyboard.press('Escape');
    await add(page, text('gone.txt', 'a'));
    await card(page, 'gone.txt').focus();
    await page.keyboard.press('Delete');
    await toast(page, 'gone.txt').waitFor();
    await page.route('**/api/library/fs', () => {}); // no answer: it stays under way
    await add(page, text('under way.txt', 'a'));
    await page.getByRole('region', { name: 'Uploads' }).getByText('under way.txt').waitFor();
  },
  memory: page => page.getByRole('button', { name: 'Load the rows' }).waitFor(),
  crash: page => page.getByRole('button', { name: /Kill it at: Commit/ }).waitFor(),
  storage: page => page.getByRole('heading', { name: 'Journal' }).waitFor(),
};
const OVER_LIBRARY: readonly string[] = ['file', 'renaming', 'corners'];

test.each([
  ['light', 1280],
  ['dark', 390],
] as const)(
  'every page, %s and %i wide: nothing for axe-core to object to, nothing on the console',
  async (colorScheme, width) => {
    const { page, complaints } = await demo.visit({ colorScheme, viewport: { width, height: 844 } });
    for (const [name, show] of Object.entries(VIEWS)) {
      if (!OVER_LIBRARY.includes(name)) await page.goto(`${demo.url}#${name}`);
      await show(page);
      expect({ name, objections: await objections(page) }).toEqual({ name, objections: [] });
      expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBeLessThanOrEqual(
        width,
      );
      await page.screenshot({ path: join(PICTURES, `${name}-${colorScheme}-${width}.png`) });
    }
    expect(complaints).toEqual([]);
  },
);

test('each page has its styles when it is the first that is opened', async () => {
  for (const [name, selector, property, value] of [
    ['memory', '.lab', 'display', 'grid'],
    ['crash', '.steps', 'display', 'grid'],
    ['storage', '.lab .controls', 'margin-bottom', '0px'],
  ] as const) {
    const { page } = await openPage(demo.browser, `${demo.url}#${name}`);
    const element = page.locator(selector).first();
    const style = await element.evaluate(
      (it, wanted) => getComputedStyle(it).getPropertyValue(wanted),
      property,
    );
    expect({ name, style }).toEqual({ name, style: value });
    await page.context().close();
  }
});

test('without a mouse: to a file by the arrows, into its panel, back to where it was, and deleted', async () => {
  const { page } = await demo.visit();
  await add(page, text('first.txt', '1'));
  await card(page, 'first.txt').waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter'); // skips to the content
  while (!(await page.evaluate(() => document.activeElement?.classList.contains('card'))))
    await page.keyboard.press('Tab');
  const focused = (): Promise<string | undefined> =>
    page.evaluate(() => document.activeElement?.querySelector('.name')?.textContent);
  expect(await focused()).toBe('first.txt');
  await page.keyboard.press('ArrowRight');
  const second = await focused();
  expect(second).not.toBe('first.txt');
  await page.keyboard.press('Enter');
  await panel(page).waitFor();
  await page.keyboard.press('Escape');
  await expect.poll(focused, { timeout: PATIENCE_MS }).toBe(second);
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Delete');
  await card(page, 'first.txt').waitFor({ state: 'detached' });
  await expect.poll(focused, { timeout: PATIENCE_MS }).toBe(second);
});

test('a video is played from where one wants, and a PDF is shown or is a sign', async () => {
  const { page, complaints } = await demo.visit();
  await card(page, 'clip.webm').click();
  const reached = await panel(page)
    .locator('video')
    .evaluate(async (video: HTMLVideoElement) => {
      if (video.readyState < 1)
        await new Promise(resolve => video.addEventListener('loadedmetadata', resolve));
      video.currentTime = video.duration / 2;
      await new Promise(resolve => video.addEventListener('seeked', resolve, { once: true }));
      return video.currentTime / video.duration;
    });
  expect(reached).toBeCloseTo(0.5, 1);
  await page.keyboard.press('Escape');
  await card(page, 'letter.pdf').click();
  await panel(page).getByText('application/pdf').waitFor();
  expect(await panel(page).locator('.preview img, .preview .sign').count()).toBe(1);
  expect(complaints).toEqual([]);
});

test.each([
  ['letter.pdf', 'pdftoppm'],
  ['clip.webm', 'ffmpeg'],
])('the card of %s has a picture where %s is installed, else a sign', async (name, program) => {
  const { page, complaints } = await demo.visit();
  const one = card(page, name);
  await one.scrollIntoViewIfNeeded();
  const isInstalled = spawnSync(program, ['-v']).error === undefined;
  if (!isInstalled) await one.locator('.sign').waitFor();
  else
    await expect
      .poll(() => one.locator('img').evaluate((picture: HTMLImageElement) => picture.naturalWidth), {
        timeout: PATIENCE_MS,
      })
      .toBeGreaterThan(0);
  expect(complaints).toEqual([]);
});

test('names of every writing are shown as they are, and search finds them', async () => {
  const { page } = await demo.visit();
  const names = ['שלום עולם.txt', '👩‍👩‍👧 family.txt', 'a‮gnp.txt', '<b>bold</b>.txt', 'größer.txt'];
  await add(page, ...names.map(name => text(name, name)));
  for (const name of ['שלום', '👩‍👩‍👧', '<b>bold</b>', 'größer', 'agnp']) {
    // what turns the direction of a name is gone
    await page.getByLabel('Search by name').fill(name);
    await expect.poll(() => page.locator('.card').count(), { timeout: PATIENCE_MS }).toBe(1);
    expect(await page.locator('.card .name').textContent()).toContain(name);
  }
});

test('the first view is less than 100 KB of script in three rounds of six connections, and shows the files', async () => {
  const { page, complaints } = await demo.visit();
  const asked = await page.evaluate(() => {
    const [{ domContentLoadedEventStart } = { domContentLoadedEventStart: 0 }] = performance.getEntriesByType(
      'navigation',
    ) as PerformanceNavigationTiming[];
    return (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
      .filter(
        ({ startTime, name }) => startTime < domContentLoadedEventStart && /\.(?:ts|js|css)$/.test(name),
      )
      .map(({ name, decodedBodySize }) => ({ name, bytes: decodedBodySize }));
  });
  expect(asked.length).toBeGreaterThan(10);
  expect(asked.length).toBeLessThanOrEqual(18);
  expect(asked.filter(({ name }) => /labs|file-panel/.test(name))).toEqual([]);
  const scripts = asked.filter(({ name }) => !name.endsWith('.css'));
  expect(scripts.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(100_000);
  // The files come with the page: they are there before anything was asked of the server.
  await page.route('**/api/**', route => route.abort());
  await page.reload();
  await card(page, 'Dunes').waitFor();
  expect(complaints.filter(complaint => !complaint.includes('Failed to load resource'))).toEqual([]);
});
