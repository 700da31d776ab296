import type { GetFilesOptions, GetFilesResponse } from '@google-cloud/storage';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BUCKET, GcsClient, refusal } from '../../test/gcs-client.ts';

const gcs = await GcsClient.start();
afterAll(() => gcs.close());

const NAMES = Array.from({ length: 25 }, (_, index) => {
  const folder = index % 5 === 0 ? `d${index / 5}/` : '';
  return `list/${folder}k${String(index).padStart(2, '0')}`;
});
const UNORDERED = ['a', 'B', 'é', '\uFF5E', '\u{1F600}', 'z', '_', 'a/b', 'a b', 'a-b'].map(
  name => `order/${name}`,
);

beforeAll(() => Promise.all([...NAMES, ...UNORDERED].map(name => gcs.put(name, name))));

interface Page {
  readonly items?: readonly { readonly name: string }[];
  readonly prefixes?: readonly string[];
  readonly nextPageToken?: string;
}

async function pagesOf(parameters: Record<string, string>): Promise<Page[]> {
  const pages: Page[] = [];
  let pageToken: string | undefined;
  do {
    const query = new URLSearchParams({ ...parameters, ...(pageToken ? { pageToken } : {}) });
    const response = await fetch(`${gcs.server.endpoint}/storage/v1/b/${BUCKET}/o?${query}`);
    const page = (await response.json()) as Page;
    pages.push(page);
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
  return pages;
}

const namesOf = (pages: readonly Page[]) => pages.flatMap(page => page.items ?? []).map(item => item.name);

test('the SDK pages through a prefix', async () => {
  const names: string[] = [];
  let pages = 0;
  let query: GetFilesOptions | null = { prefix: 'list/', maxResults: 7, autoPaginate: false };
  while (query !== null) {
    const [files, next]: GetFilesResponse = await gcs.bucket.getFiles(query);
    names.push(...files.map(file => file.name));
    query = next as GetFilesOptions | null;
    pages++;
  }
  expect(names).toEqual([...NAMES].sort());
  expect(pages).toBe(4);
});

test('a page holds at most maxResults names and prefixes, and a prefix appears once', async () => {
  const pages = await pagesOf({ prefix: 'list/', delimiter: '/', maxResults: '3' });
  expect(pages.flatMap(page => page.prefixes ?? [])).toEqual([
    'list/d0/',
    'list/d1/',
    'list/d2/',
    'list/d3/',
    'list/d4/',
  ]);
  expect(namesOf(pages)).toHaveLength(20);
  for (const page of pages)
    expect((page.items?.length ?? 0) + (page.prefixes?.length ?? 0)).toBeLessThanOrEqual(3);
});

test('a last page that is just full has no next one', async () => {
  expect(await pagesOf({ prefix: 'list/k', maxResults: '20' })).toHaveLength(1);
  expect(await pagesOf({ prefix: 'list/k', maxResults: '10' })).toHaveLength(2);
});

test('startOffset is inclusive, endOffset exclusive', async () => {
  const [files] = await gcs.bucket.getFiles({
    prefix: 'list/k',
    startOffset: 'list/k09',
    endOffset: 'list/k12',
  });
  expect(files.map(file => file.name)).toEqual(['list/k09', 'list/k11']);
});

test('names come in the order of their UTF-8 bytes', async () => {
  const bytewise = [...UNORDERED].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  expect(namesOf(await pagesOf({ prefix: 'order/', maxResults: '3' }))).toEqual(bytewise);
});

test('fields selects what a page says', async () => {
  const [page] = await pagesOf({ prefix: 'list/d0/', fields: 'items(name,size),nextPageToken' });
  expect(page).toEqual({ items: [{ name: 'list/d0/k00', size: '11' }] });
  expect(await pagesOf({ prefix: 'list/d0/', fields: 'items/name' })).toEqual([
    { items: [{ name: 'list/d0/k00' }] },
  ]);
});

test('an empty page has neither items nor prefixes', async () => {
  expect(await pagesOf({ prefix: 'nothing/' })).toEqual([{ kind: 'storage#objects' }]);
});

test('a name deleted between two pages does not disturb the next', async () => {
  await Promise.all(['a', 'b', 'c'].map(name => gcs.put(`gone/${name}`, '')));
  const first = await fetch(`${gcs.server.endpoint}/storage/v1/b/${BUCKET}/o?prefix=gone/&maxResults=1`);
  const { nextPageToken } = (await first.json()) as Page;
  await gcs.file('gone/a').delete();
  expect(namesOf(await pagesOf({ prefix: 'gone/', pageToken: nextPageToken ?? '' }))).toEqual([
    'gone/b',
    'gone/c',
  ]);
});

test('a page token of another server is refused', async () => {
  expect(await refusal(gcs.bucket.getFiles({ pageToken: 'foreign' }))).toBe(400);
});
