import { randomBytes, randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileSystemStorage } from '@fieldfile/fs';
import { MemoryStorage } from '@fieldfile/memory';
import { cuttingProxy } from '@fieldfile/test-servers/cutting-proxy';
import { load } from '@fieldfile/test-servers/load';
import { afterAll, describe, expect, test } from 'vitest';
import { uploadByClient } from './tus-client.ts';
import { type TusWorld, tusSite, tusWorld } from './tus-world.ts';

const folder = mkdtempSync(join(tmpdir(), 'fieldfile-tus-'));
afterAll(() => rmSync(folder, { recursive: true }));

const CUTS = load({ test: 12, ci: 60, deep: 200 });

let count = 0;
const places = {
  memory: () => new MemoryStorage(),
  disk: () => new FileSystemStorage({ root: join(folder, `media-${count++}`) }),
};

describe.each(Object.entries(places))('tus-js-client on %s', (_, make) => {
  const world = (): TusWorld => tusWorld(make(), join(folder, `journal-${count++}`));

  test('uploads a file, a row gets it, and nothing else is left', async () => {
    const one = world();
    await using site = await tusSite(one.handler());
    const bytes = randomBytes(3_000_000);
    await expectKept(one, await uploadByClient(bytes, { endpoint: `${site.origin}/uploads/` }), bytes);
  });

  test.each([
    ['in chunks', { chunkSize: 70_000 }],
    ['with the first bytes in the request that begins it', { uploadDataDuringCreation: true }],
    ['of a length that is said at the end', { uploadLengthDeferred: true, chunkSize: 300_000 }],
    ['where only POST comes through', { overridePatchMethod: true }],
    ['in three pieces at once', { parallelUploads: 3 }],
  ])('uploads %s', async (_, options) => {
    const one = world();
    await using site = await tusSite(one.handler());
    const bytes = randomBytes(1_000_000);
    const token = await uploadByClient(bytes, { endpoint: `${site.origin}/uploads/`, ...options });
    await expectObject(one, token, bytes);
  });

  test.each([0, 1])('uploads %i bytes', async size => {
    const one = world();
    await using site = await tusSite(one.handler());
    const bytes = randomBytes(size);
    await expectKept(one, await uploadByClient(bytes, { endpoint: `${site.origin}/uploads/` }), bytes);
  });

  test('goes on after the network was cut at any byte', async () => {
    const one = world();
    await using site = await tusSite(one.handler());
    await using proxy = await cuttingProxy(site.origin);
    for (let size = 1_000_000; proxy.cuts < CUTS; size += randomInt(1_000_000)) {
      proxy.nextCut = () => (randomInt(3) === 0 ? randomInt(3000) : randomInt(size));
      const bytes = randomBytes(size);
      const token = await uploadByClient(bytes, {
        endpoint: `${proxy.origin}/uploads/`,
        ...(randomInt(2) === 0 ? { chunkSize: randomInt(1000, size) } : {}),
      });
      proxy.nextCut = () => Number.POSITIVE_INFINITY;
      await expectObject(one, token, bytes);
    }
  });
});

async function expectObject(world: TusWorld, token: string, bytes: Buffer): Promise<string> {
  const { file } = await world.keep(token);
  await using opened = await world.field.storage.open(file ?? '');
  expect(Buffer.from(await opened.bytes()).equals(bytes)).toBe(true);
  expect(opened.info.contentType).toBe('video/mp4');
  return file ?? '';
}

/** And nothing else is left. */
async function expectKept(world: TusWorld, token: string, bytes: Buffer): Promise<void> {
  const name = await expectObject(world, token, bytes);
  expect(await world.names()).toEqual([name]);
  expect(await world.journal.entries()).toEqual([]);
}
