import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { add, card, type GivenFile, type OpenedDemo, objectsIn, openDemo } from './open-demo.ts';
import { PATIENCE_MS, slowDown } from './open-page.ts';
import { startServer } from './start-server.ts';

const MIB = 1024 ** 2;

/** Twenty megabytes go piece by piece. */
const film: GivenFile = {
  name: 'film.bin',
  mimeType: 'application/octet-stream',
  buffer: randomBytes(20 * MIB),
};

let demo: OpenedDemo;

beforeAll(async () => {
  demo = await openDemo();
});

afterAll(() => demo?.[Symbol.asyncDispose]());

/** Where in the file each piece begins that a page has sent. */
function offsetsOf(page: Page): readonly number[] {
  const offsets: number[] = [];
  page.on('request', request => {
    if (request.method() === 'PATCH') offsets.push(Number(request.headers()['upload-offset']));
  });
  return offsets;
}

const uploadsOf = (page: Page) => page.getByRole('region', { name: 'Uploads' });

async function expectTheFile(page: Page, url: string): Promise<void> {
  const id = await card(page, film.name).getAttribute('data-file');
  const got = await (await fetch(`${url}files/${id}`)).arrayBuffer();
  expect(Buffer.from(got).equals(film.buffer)).toBe(true);
}

test('a large file is held up, and goes on where it was', async () => {
  const { page, complaints } = await demo.visit();
  const offsets = offsetsOf(page);
  const speedUp = await slowDown(page, 4 * MIB);
  await add(page, film);
  await expect.poll(() => offsets.length, { timeout: PATIENCE_MS }).toBe(2);
  await page.getByRole('button', { name: 'Pause film.bin' }).click();
  await speedUp();
  await page.getByRole('button', { name: 'Go on with film.bin' }).click();
  await card(page, film.name).waitFor();
  await expectTheFile(page, demo.url);
  expect(offsets[2]).toBeGreaterThanOrEqual(8 * MIB);
  expect(objectsIn(demo.folder)).toEqual([film.name]);
  expect(complaints).toEqual([]);
});

test('one that is cancelled leaves nothing', async () => {
  const { page } = await demo.visit();
  const offsets = offsetsOf(page);
  await slowDown(page, 4 * MIB);
  const before = objectsIn(demo.folder);
  await add(page, { ...film, name: 'cancelled.bin' });
  await expect.poll(() => offsets.length, { timeout: PATIENCE_MS }).toBe(2);
  await page.getByRole('button', { name: 'Cancel cancelled.bin' }).click();
  await uploadsOf(page).getByText('Cancelled').waitFor();
  await expect.poll(() => objectsIn(demo.folder), { timeout: PATIENCE_MS }).toEqual(before);
});

test('the server is killed, the tab is closed, and another server goes on where the first one was', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fieldfile-demo-'));
  const first = await startServer(folder, '0');
  let { child } = first;
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });
  const path = join(folder, film.name); // with a date, by which it is known again
  await writeFile(path, film.buffer);
  const context = await demo.browser.newContext({ reducedMotion: 'reduce' });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  await page.goto(first.url);
  const before = offsetsOf(page);
  await slowDown(page, 4 * MIB);
  await page.getByLabel('Files to add').setInputFiles(path);
  await expect.poll(() => before.length, { timeout: PATIENCE_MS }).toBe(2);
  child.kill('SIGKILL');
  await page.close();
  ({ child } = await startServer(folder, new URL(first.url).port));
  const again = await context.newPage();
  await again.goto(first.url);
  const after = offsetsOf(again);
  await again.getByLabel('Files to add').setInputFiles(path);
  await card(again, film.name).waitFor();
  await expectTheFile(again, first.url);
  expect(after[0]).toBeGreaterThan(0);
  expect(objectsIn(folder)).toEqual([film.name]);
});
