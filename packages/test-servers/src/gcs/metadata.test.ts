import { afterAll, expect, test } from 'vitest';
import { BUCKET, GcsClient, refusal } from '../../test/gcs-client.ts';

const gcs = await GcsClient.start();
afterAll(() => gcs.close());

test('every field an upload sets is kept', async () => {
  const metadata = {
    contentType: 'text/plain; charset=utf-8',
    cacheControl: 'public, max-age=60',
    contentDisposition: 'attachment; filename="a b.txt"',
    contentLanguage: 'de',
    storageClass: 'NEARLINE',
    metadata: { foo: 'bar', 'with-dash': 'v v', __proto__: 'own' },
  };
  await gcs.put('all', 'x', { metadata });
  expect(await gcs.metadata('all')).toMatchObject(metadata);
});

test('metadata are Unicode', async () => {
  await gcs.put('unicode', 'x', {
    metadata: { metadata: { foo: 'bär✓' }, contentDisposition: 'inline; filename="✓"' },
  });
  expect(await gcs.metadata('unicode')).toMatchObject({ metadata: { foo: 'bär✓' } });
  expect(await gcs.text('unicode')).toBe('x');
});

test('a patch changes what it names, under the next metageneration of the same generation', async () => {
  await gcs.put('patched', 'x', { metadata: { contentType: 'a/b', metadata: { kept: '1', gone: '2' } } });
  const before = await gcs.metadata('patched');
  await gcs.file('patched').setMetadata({ cacheControl: 'no-store', metadata: { added: '3', gone: null } });
  const after = await gcs.metadata('patched');
  expect(after).toMatchObject({
    contentType: 'a/b',
    cacheControl: 'no-store',
    metadata: { kept: '1', added: '3' },
    metageneration: '2',
    generation: before.generation,
  });
  expect(after.metadata).not.toHaveProperty('gone');
  expect(after.etag).not.toBe(before.etag);
});

test('an update replaces everything that can be changed', async () => {
  await gcs.put('updated', 'x', { metadata: { contentType: 'a/b', cacheControl: 'no-store' } });
  const url = `${gcs.server.endpoint}/storage/v1/b/${BUCKET}/o/updated`;
  await fetch(url, { method: 'PUT', body: '{"contentType":"c/d"}' });
  const after = await gcs.metadata('updated');
  expect(after).toMatchObject({ contentType: 'c/d', metageneration: '2' });
  expect(after).not.toHaveProperty('cacheControl');
});

test('a patch of a stale metageneration is refused', async () => {
  await gcs.put('stale', 'x');
  await gcs.file('stale').setMetadata({ metadata: { q: '1' } });
  const patch = gcs.file('stale').setMetadata({ metadata: { q: '2' } }, { ifMetagenerationMatch: 1 });
  expect(await refusal(patch)).toBe(412);
  expect(await gcs.metadata('stale')).toMatchObject({ metadata: { q: '1' } });
});

test('fields selects what metadata say', async () => {
  await gcs.put('selected', 'x', { metadata: { metadata: { a: '1', b: '2' } } });
  const url = `${gcs.server.endpoint}/storage/v1/b/${BUCKET}/o/selected?fields=name,metadata/a`;
  expect(await (await fetch(url)).json()).toEqual({ name: 'selected', metadata: { a: '1' } });
  expect((await fetch(`${url}(`)).status).toBe(400);
});

test.each([
  ['a number as a value', { metadata: { n: 1 } }],
  ['more than 8 KiB', { metadata: { long: 'x'.repeat(8190) } }],
  ['an unknown storage class', { storageClass: 'FREEZER' }],
])('metadata with %s are refused', async (_, metadata) => {
  const url = `${gcs.server.endpoint}/upload/storage/v1/b/${BUCKET}/o?uploadType=resumable&name=x`;
  expect((await fetch(url, { method: 'POST', body: JSON.stringify(metadata) })).status).toBe(400);
});

test('the metadata of what is not there are 404, in the form the service says it', async () => {
  const response = await fetch(`${gcs.server.endpoint}/storage/v1/b/${BUCKET}/o/missing`);
  expect(response.status).toBe(404);
  expect(await response.json()).toEqual({
    error: {
      code: 404,
      message: `No such object: ${BUCKET}/missing`,
      errors: [{ message: `No such object: ${BUCKET}/missing`, domain: 'global', reason: 'notFound' }],
    },
  });
});

test('the delete of what is not there is 404', async () => {
  expect(await refusal(gcs.file('missing').delete())).toBe(404);
  await gcs.file('missing').delete({ ignoreNotFound: true });
});
