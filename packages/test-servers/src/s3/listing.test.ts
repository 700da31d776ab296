import { ListObjectsCommand, ListObjectVersionsCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { S3Fixture } from '../../test/s3-fixture.ts';
import { commonPrefix, keyAfterMarker, listPage } from './listing.ts';
import { SortedMap } from './sorted-map.ts';

const s3 = await S3Fixture.start();
afterAll(() => s3[Symbol.asyncDispose]());

const KEYS = Array.from({ length: 25 }, (_, index) => {
  const folder = index % 5 === 0 ? `d${index / 5}/` : '';
  return `list/${folder}k${String(index).padStart(2, '0')}`;
});
beforeAll(async () => {
  await Promise.all(KEYS.map(key => s3.put(key, key)));
});

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

test('pages through a prefix', async () => {
  const found: (string | undefined)[] = [];
  const input = { Bucket: s3.bucket, Prefix: 'list/', MaxKeys: 7 };
  let pages = 0;
  for await (const page of paginateListObjectsV2({ client: s3.client }, input)) {
    found.push(...(page.Contents ?? []).map(object => object.Key));
    pages++;
  }
  expect(found).toEqual([...KEYS].sort());
  expect(pages).toBe(4);
});

test('pages through a prefix with a delimiter and never repeats a common prefix', async () => {
  const keys: (string | undefined)[] = [];
  const prefixes: (string | undefined)[] = [];
  const input = { Bucket: s3.bucket, Prefix: 'list/', Delimiter: '/', MaxKeys: 3 };
  for await (const page of paginateListObjectsV2({ client: s3.client }, input)) {
    const entries = [...(page.Contents ?? []), ...(page.CommonPrefixes ?? [])];
    expect(entries.length).toBeLessThanOrEqual(3);
    keys.push(...(page.Contents ?? []).map(object => object.Key));
    prefixes.push(...(page.CommonPrefixes ?? []).map(prefix => prefix.Prefix));
  }
  expect(prefixes).toEqual(['list/d0/', 'list/d1/', 'list/d2/', 'list/d3/', 'list/d4/']);
  expect(keys).toHaveLength(20);
});

test('begins after a key and tells size, etag and truncation', async () => {
  const page = await s3.list({ Prefix: 'list/k', StartAfter: 'list/k08', MaxKeys: 1 });
  expect(page.Contents).toMatchObject([{ Key: 'list/k09', Size: 8, ETag: expect.any(String) }]);
  expect(page).toMatchObject({ IsTruncated: true, KeyCount: 1 });
});

test('lists in the first version after a marker', async () => {
  const input = { Bucket: s3.bucket, Prefix: 'list/k', Marker: 'list/k08', MaxKeys: 2 };
  const page = await s3.client.send(new ListObjectsCommand(input));
  expect(page.Contents?.map(object => object.Key)).toEqual(['list/k09', 'list/k11']);
});

test('goes on after a common prefix in the first version', async () => {
  const input = { Bucket: s3.bucket, Prefix: 'list/', Delimiter: '/', MaxKeys: 1 };
  const first = await s3.client.send(new ListObjectsCommand(input));
  expect(first.NextMarker).toBe('list/d0/');
  const second = await s3.client.send(new ListObjectsCommand({ ...input, Marker: first.NextMarker }));
  expect(second.CommonPrefixes).toEqual([{ Prefix: 'list/d1/' }]);
});

test('lists in the order of UTF-8 bytes', async () => {
  const names = ['a', 'B', 'é', '\uff5e', '\u{1f600}', 'z', '_', 'a/b', 'a b', 'a-b'];
  const keys = names.map(name => `order/${name}`);
  await Promise.all(keys.map(key => s3.put(key, 'x')));
  const page = await s3.list({ Prefix: 'order/' });
  expect(page.Contents?.map(object => object.Key)).toEqual(keys.sort(byBytes));
});

test('lists nothing under an unknown prefix', async () => {
  const page = await s3.list({ Prefix: 'nothing' });
  expect(page.Contents).toBeUndefined();
  expect(page.KeyCount).toBe(0);
});

test('shows a write and a deletion at once, fifty times', async () => {
  for (let round = 0; round < 50; round++) {
    const Prefix = `consistent/${round}`;
    await s3.put(Prefix, 'x');
    expect((await s3.list({ Prefix })).KeyCount).toBe(1);
    await s3.remove(Prefix);
    expect((await s3.list({ Prefix })).KeyCount).toBe(0);
  }
});

test('encodes keys when asked to', async () => {
  await s3.put('encoded/a b+c', 'x');
  const page = await s3.list({ Prefix: 'encoded/', EncodingType: 'url' });
  expect(page.Contents?.[0]?.Key).toBe('encoded/a+b%2Bc');
});

test('lists one null version an object where there is no versioning', async () => {
  const input = { Bucket: s3.bucket, Prefix: 'list/k0', MaxKeys: 2 };
  const page = await s3.client.send(new ListObjectVersionsCommand(input));
  expect(page.Versions?.map(version => version.VersionId)).toEqual(['null', 'null']);
  expect(page.IsTruncated).toBe(true);
});

test('any pages joined are the whole listing', () => {
  const name = fc.stringMatching(/^[abé\uff5e/]{1,4}$/);
  const keys = fc.uniqueArray(name, { maxLength: 20 });
  fc.assert(
    fc.property(
      keys,
      fc.constantFrom('', 'a', 'a/'),
      fc.constantFrom('', '/'),
      fc.integer({ min: 1, max: 4 }),
      listsAll,
    ),
  );
});

function listsAll(names: readonly string[], prefix: string, delimiter: string, maximum: number): void {
  const map = new SortedMap<string>();
  for (const key of names) map.set(key, key);
  const found: string[] = [];
  let from = map.atOrAfter(prefix);
  for (let isTruncated = true; isTruncated; ) {
    const page = listPage(map, key => [key], { prefix, delimiter, from, maximum });
    found.push(...[...page.items, ...page.prefixes].sort(byBytes));
    isTruncated = page.isTruncated;
    from = keyAfterMarker(map, page.last ?? '', { prefix, delimiter });
  }
  const matching = names.filter(key => key.startsWith(prefix));
  const expected = new Set(matching.map(key => commonPrefix(key, prefix, delimiter) ?? key));
  expect(found).toEqual([...expected].sort(byBytes));
}
