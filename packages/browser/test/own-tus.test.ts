import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { begin, launch, lettersOf, open, outcome, until, uploadOn, visit } from './browser.ts';
import { startWorld, type World } from './world.ts';

// With `tus` of @fieldfile/http, whose token a field redeems.

const MEBIBYTE = 1024 ** 2;
const UPLOAD = { bytes: 4 * MEBIBYTE, options: { tus: '/resumable/', partSizeBytes: MEBIBYTE / 4 } };

let browser: Browser;
let world: World;
let page: Page;
beforeAll(async () => {
  browser = await launch();
  world = await startWorld();
  page = await open(browser, world.origin);
});
afterAll(async () => {
  await browser?.close();
  await world?.[Symbol.asyncDispose]();
});

const names = (): Promise<string[]> => Array.fromAsync(world.storage.list(), ({ name }) => name);

test('after cut connections, a restart of the server and a reload a row has the file', async () => {
  let parts = 0;
  world.instead = (request, response) => {
    if (request.method === 'PATCH' && ++parts % 3 === 0) request.once('data', () => response.destroy());
    return false;
  };
  await begin(page, UPLOAD);
  await until(page, 'confirmedBytes', MEBIBYTE);
  await world.stop();
  await world.start();
  await until(page, 'confirmedBytes', 2 * MEBIBYTE);
  await visit(page, world.origin);
  const { result } = await uploadOn(page, UPLOAD);
  expect(await world.redeem(result?.token)).toBe(lettersOf(UPLOAD.bytes));
  expect(world.requests.filter(request => request === 'POST /resumable/')).toHaveLength(1);
  expect(await names()).toHaveLength(1);
  expect(parts).toBeGreaterThan(18);
});

test('an abort leaves nothing', async () => {
  const before = await names();
  let parts = 0;
  world.instead = ({ method }) => method === 'PATCH' && ++parts > 3;
  await begin(page, UPLOAD);
  await until(page, 'confirmedBytes', (3 * MEBIBYTE) / 4);
  expect(await names()).not.toEqual(before);
  await page.evaluate('abort.abort()');
  expect((await outcome(page)).error?.name).toBe('AbortError');
  await expect.poll(names).toEqual(before);
});
