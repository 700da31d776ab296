import { afterAll, beforeAll, expect, test } from 'vitest';
import { BUCKET, GcsClient, MiB, refusal } from '../../test/gcs-client.ts';

const gcs = await GcsClient.start();
afterAll(() => gcs.close());

beforeAll(() =>
  gcs.put('source', 'x', {
    metadata: { contentType: 'text/plain; charset=utf-8', metadata: { foo: 'bar' } },
  }),
);

test('a copy keeps content and metadata', async () => {
  await gcs.file('source').copy(gcs.file('copied'));
  expect(await gcs.metadata('copied')).toMatchObject({
    contentType: 'text/plain; charset=utf-8',
    metadata: { foo: 'bar' },
  });
  expect(await gcs.text('copied')).toBe('x');
});

test('metadata given with a copy replace those of the source as a whole', async () => {
  await gcs.file('source').copy(gcs.file('described'), { contentType: 'q/w', metadata: { z: '1' } });
  expect(await gcs.metadata('described')).toMatchObject({ contentType: 'q/w', metadata: { z: '1' } });
  expect((await gcs.metadata('described')).metadata).not.toHaveProperty('foo');
});

test('a copy outlives its source', async () => {
  await gcs.put('short-lived', 'x');
  await gcs.file('short-lived').copy(gcs.file('survivor'));
  await gcs.file('short-lived').delete();
  expect(await gcs.text('survivor')).toBe('x');
});

test('the copy of what is not there is 404', async () => {
  expect(await refusal(gcs.file('missing').copy(gcs.file('nothing')))).toBe(404);
});

test('a source with marks that a path does not like', async () => {
  const name = 'src a+b#c%d?é';
  await gcs.put(name, 'marks');
  await gcs.file(name).copy(gcs.file('plain'));
  expect(await gcs.text('plain')).toBe('marks');
});

test('a rewrite in steps hands out tokens until it is done', async () => {
  await gcs.put('large', Buffer.alloc(2.5 * MiB, 'a'));
  const url = `${gcs.server.endpoint}/storage/v1/b/${BUCKET}/o/large/rewriteTo/b/${BUCKET}/o/stepped`;
  const step = async (token?: string) => {
    const query = new URLSearchParams({
      maxBytesRewrittenPerCall: String(MiB),
      ...(token ? { rewriteToken: token } : {}),
    });
    return (await (await fetch(`${url}?${query}`, { method: 'POST' })).json()) as Record<string, string>;
  };
  const first = await step();
  expect(first).toMatchObject({
    done: false,
    totalBytesRewritten: String(MiB),
    objectSize: String(2.5 * MiB),
  });
  const second = await step(first.rewriteToken);
  expect(second).toMatchObject({ done: false, totalBytesRewritten: String(2 * MiB) });
  expect(await gcs.exists('stepped')).toBe(false);
  expect(await step(second.rewriteToken)).toMatchObject({ done: true, resource: { name: 'stepped' } });
  expect(await gcs.metadata('stepped')).toMatchObject({ size: String(2.5 * MiB) });

  await gcs.put('large', Buffer.alloc(2 * MiB, 'b'));
  expect(await step(first.rewriteToken)).toMatchObject({ error: { code: 400 } });
});

test('compose joins objects', async () => {
  await gcs.put('c1', 'aa');
  await gcs.put('c2', 'bb');
  await gcs.bucket.combine(['c1', 'c2'], 'joined');
  expect(await gcs.text('joined')).toBe('aabb');
  expect(await gcs.metadata('joined')).toMatchObject({ componentCount: 2, size: '4' });
  expect(await gcs.metadata('joined')).not.toHaveProperty('md5Hash');
});

test('compose takes 1 to 32 sources that exist', async () => {
  const sources = (count: number) => Array.from({ length: count }, () => gcs.file('source'));
  await gcs.bucket.combine(sources(32), 'most');
  expect(await gcs.text('most')).toBe('x'.repeat(32));
  expect(await refusal(gcs.bucket.combine(sources(33), 'more'))).toBe(400);
  expect(await refusal(gcs.bucket.combine(['source', 'missing'], 'more'))).toBe(404);
  expect(await gcs.exists('more')).toBe(false);
});

test('a move leaves nothing behind', async () => {
  await gcs.put('from', 'm');
  await gcs.file('from').move('to');
  expect(await gcs.text('to')).toBe('m');
  expect(await gcs.exists('from')).toBe(false);
});

test('an atomic move leaves nothing behind', async () => {
  await gcs.put('from-atomic', 'm');
  await gcs.file('from-atomic').moveFileAtomic('to-atomic');
  expect(await gcs.text('to-atomic')).toBe('m');
  expect(await gcs.exists('from-atomic')).toBe(false);
});
