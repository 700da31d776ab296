import { recordCalls } from '@fieldfile/conformance';
import { defineFiles, model, Storage } from '@fieldfile/core';
import { serve, Tokens } from '@fieldfile/http';
import { MemoryStorage } from '@fieldfile/memory';
import { MemoryTable } from '@fieldfile/memory/table';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import { image } from '../../test/images.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { imageField } from '../field/image-field.ts';
import { sharpProcessor } from '../processor/sharp-processor.ts';
import { ImageVariants } from '../variants/image-variants.ts';
import { srcset } from '../variants/srcset.ts';
import { imageRoute } from './image-route.ts';

interface Photo {
  id: number;
  image: string | null;
  digest: string | null;
}

const folder = temporaryFolder();
afterAll(() => folder.remove());

const SITE = 'http://localhost';

async function site() {
  const { backend, calls } = recordCalls(new MemoryStorage().backend);
  const storage = new Storage(backend);
  const table = new MemoryTable<Photo>({ key: ['id'], files: ['image'], generated: 'id' });
  const files = defineFiles(
    model<Photo>()('photo', 'id'),
    {
      image: imageField<Photo>({
        storage,
        columns: { digest: 'digest' },
        variants: { thumb: { width: 10, format: 'webp' } },
      }),
    },
    table.binding,
  );
  const variants = new ImageVariants({ processor: sharpProcessor(), folder: folder.path });
  let now = new Date('2026-01-01T00:10:00Z');
  const tokens = new Tokens({ secrets: 's'.repeat(32), clock: () => now });
  const route = imageRoute({ baseUrl: '/images/', variants, tokens, fields: [files.image] });
  const row = { image: null, digest: null } as unknown as Photo;
  files.image.of(row);
  await table.insert(row);
  await files.image.of(row).save(await image('png', { width: 40, height: 20 }), { name: 'photo.png' });
  const { stored } = files.image.of(row);
  if (!stored) throw new Error('The row has no image.');
  return {
    ...{ storage, calls, table, files, variants, tokens, route, row, stored },
    get: (url: string, headers: Record<string, string> = {}, method = 'GET') =>
      route.handler(new Request(SITE + url, { headers, method })),
    later(seconds: number) {
      now = new Date(now.getTime() + seconds * 1000);
    },
  };
}

test('a signed URL gives a declared variant, built by the first who asks, and kept by browsers', async () => {
  const { route, stored, get, calls } = await site();
  const url = await route.url(stored, 'thumb');
  const before = calls.length;
  const first = await get(url);
  expect(first.status).toBe(200);
  expect(first.headers.get('content-type')).toBe('image/webp');
  expect(first.headers.get('cache-control')).toBe('private, max-age=31536000, immutable');
  expect(first.headers.get('content-disposition')).toContain('inline');
  expect(first.headers.get('vary')).toBeNull();
  expect(await sharp(await first.arrayBuffer()).metadata()).toMatchObject({ width: 10, height: 5 });
  expect(calls.slice(before).some(({ operation }) => operation === 'create')).toBe(true);
  const built = calls.length;
  const second = await get(url, { 'if-none-match': first.headers.get('etag') ?? '' });
  expect(second.status).toBe(304);
  const third = await get(url);
  await third.arrayBuffer();
  expect(calls.slice(built).every(({ operation }) => operation === 'read' || operation === 'info')).toBe(
    true,
  );
  const head = await get(await route.url(stored, { width: 7, format: 'png' }), {}, 'HEAD');
  expect([head.status, head.headers.get('content-type')]).toEqual([200, 'image/png']);
});

test('formats are chosen by Accept, with Vary', async () => {
  const { route, stored, get } = await site();
  const url = await route.url(stored, { width: 12, formats: ['avif', 'webp', 'jpeg'] });
  for (const [accept, type] of [
    ['image/avif,*/*', 'image/avif'],
    ['image/webp,*/*', 'image/webp'],
    ['*/*', 'image/jpeg'],
  ] as const) {
    const answer = await get(url, { accept });
    expect([answer.headers.get('content-type'), answer.headers.get('vary')?.toLowerCase()]).toEqual([
      type,
      'accept',
    ]);
    await answer.arrayBuffer();
  }
});

test('a URL that was changed, is over, or of another secret, is refused, and builds nothing', async () => {
  const { route, stored, get, later, variants, files, calls } = await site();
  const url = await route.url(stored, 'thumb', { expiresInSeconds: 60, expiryStepSeconds: 1 });
  const other = imageRoute({
    ...{ baseUrl: '/images/', variants, fields: [files.image] },
    tokens: new Tokens({ secrets: 'o'.repeat(32) }),
  });
  const before = calls.length;
  const letter = url.at(-3) === 'A' ? 'B' : 'A';
  const changed = url.slice(0, -3) + letter + url.slice(-2);
  for (const refused of [
    changed,
    await other.url(stored, 'thumb'),
    '/images/',
    '/images/x',
    '/images/%00',
    '/elsewhere',
  ])
    expect([refused, (await get(refused)).status]).toEqual([refused, 403]);
  expect((await get(url, {}, 'POST')).status).toBe(403);
  later(61);
  expect((await get(url)).status).toBe(403);
  expect(calls.slice(before).filter(({ operation }) => operation !== 'info')).toEqual([]);
});

test('a URL stays the same for a while, so that browsers keep what it gave', async () => {
  const { route, stored, later } = await site();
  const url = await route.url(stored, 'thumb');
  later(600);
  expect(await route.url(stored, 'thumb')).toBe(url);
  later(3600);
  expect(await route.url(stored, 'thumb')).not.toBe(url);
  const forEver = await route.url(stored, 'thumb', { expiresInSeconds: null });
  later(3_000_000);
  expect(await route.url(stored, 'thumb', { expiresInSeconds: null })).toBe(forEver);
});

test('the URL of an image that was changed or removed is answered with 404', async () => {
  const { route, stored, get, files, row } = await site();
  const url = await route.url(stored, 'thumb');
  await (await get(url)).arrayBuffer();
  await files.image.of(row).stored?.replace(await image('png', { width: 9, height: 9 }));
  expect((await get(url)).status).toBe(404);
  const now = await route.url(stored, 'thumb');
  await (await get(now)).arrayBuffer();
  await files.image.of(row).delete();
  expect((await get(now)).status).toBe(404);
});

test('what is no transformation, or not declared, gets no URL', async () => {
  const { route, stored } = await site();
  for (const what of ['large', { format: 'svg' as 'png' }])
    await expect(route.url(stored, what)).rejects.toMatchObject({ code: 'invalid-argument' });
});

test('a variant is served as it is, by whoever found the row', async () => {
  const { variants, stored } = await site();
  const variant = await variants.of(stored, 'thumb');
  const answer = await serve(new Request(SITE), variant, { immutable: true, vary: variant.vary });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/webp']);
  await answer.arrayBuffer();
});

test('srcset has an address for each width', async () => {
  const { route, stored, get } = await site();
  const text = await srcset([10, 20], width => route.url(stored, { width, format: 'webp' }));
  const candidates = text.split(', ').map(candidate => candidate.split(' '));
  expect(candidates.map(([, width]) => width)).toEqual(['10w', '20w']);
  for (const [url = '', width = ''] of candidates)
    expect(await sharp(await (await get(url)).arrayBuffer()).metadata()).toMatchObject({
      width: Number.parseInt(width, 10),
    });
  expect(await srcset([1], () => '/a b,c')).toBe('/a%20b%2Cc 1w');
});
