import { join } from 'node:path';
import { load } from '@fieldfile/test-servers/load';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { begin, choose, outcome, until, uploadOn } from './browser.ts';
import { openWorld } from './open-world.ts';
import { writeRandomFile } from './random-file.ts';
import type { World } from './world.ts';

// With `tus` of @fieldfile/http, whose token a field redeems.

const MEBIBYTE = 1024 ** 2;
const BYTES = load({ test: 4, ci: 64, deep: 2048 }) * MEBIBYTE;
const CUTS = load({ test: 8, ci: 20, deep: 30 });
const PARTS = 32;

let world: World;
let page: Page;
openWorld(opened => {
  ({ world, page } = opened);
});

const names = (): Promise<string[]> => Array.fromAsync(world.storage.list(), ({ name }) => name);

test('after cut connections, two restarts of the server and a reload, a row has the file', async () => {
  const path = join(world.folder, 'film.mp4');
  const digest = await writeRandomFile(path, BYTES);
  const film = { chosen: true, options: { tus: '/resumable/', partSizeBytes: BYTES / PARTS } };
  let [patches, cuts] = [0, 0];
  world.instead = (request, response) => {
    if (request.method !== 'PATCH' || ++patches % 2 === 0 || cuts === CUTS) return false;
    cuts++;
    request.once('data', () => response.destroy());
    return false;
  };
  await choose(page, world.origin, path);
  await begin(page, film);
  for (const share of [1 / 4, 1 / 2]) {
    await until(page, 'confirmedBytes', BYTES * share);
    await world.stop();
    await world.start();
  }
  await until(page, 'confirmedBytes', (BYTES * 3) / 4);
  await choose(page, world.origin, path);
  const { result } = await uploadOn(page, film);
  expect(await world.redeemedDigest(result?.token)).toBe(digest);
  expect(world.requests.filter(request => request === 'POST /resumable/')).toHaveLength(1);
  expect(cuts).toBe(CUTS);
  expect(await names()).toHaveLength(1);
});

test('an abort leaves nothing', async () => {
  const before = await names();
  let parts = 0;
  world.instead = ({ method }) => method === 'PATCH' && ++parts > 3;
  await begin(page, { bytes: MEBIBYTE, options: { tus: '/resumable/', partSizeBytes: MEBIBYTE / 4 } });
  await until(page, 'confirmedBytes', (3 * MEBIBYTE) / 4);
  expect(await names()).not.toEqual(before);
  await page.evaluate('abort.abort()');
  expect((await outcome(page)).error?.name).toBe('AbortError');
  await expect.poll(names).toEqual(before);
});
