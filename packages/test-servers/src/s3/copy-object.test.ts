import { createHash } from 'node:crypto';
import { CopyObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, expect, test } from 'vitest';
import { expectRefused, MEBIBYTE, S3Fixture } from '../../test/s3-fixture.ts';

const s3 = await S3Fixture.start({ limits: { maximumCopyBytes: 8 * MEBIBYTE } });
afterAll(() => s3[Symbol.asyncDispose]());

const md5 = (content: string): string => createHash('md5').update(content).digest('hex');

const copy = (key: string, source: string, rest = {}): Promise<unknown> =>
  s3.client.send(
    new CopyObjectCommand({ Bucket: s3.bucket, Key: key, CopySource: `${s3.bucket}/${source}`, ...rest }),
  );

const DESCRIPTION = {
  Metadata: { foo: 'bar', 'with-dash': 'v v' },
  ContentType: 'text/plain; charset=utf-8',
  CacheControl: 'public, max-age=60',
  ContentDisposition: 'attachment; filename="a b.txt"',
  ContentLanguage: 'de',
  ContentEncoding: 'identity',
};

test('copies an object with its metadata', async () => {
  await s3.put('source', 'content', DESCRIPTION);
  await copy('copy', 'source');
  expect(await s3.head('copy')).toMatchObject(DESCRIPTION);
  await s3.remove('source');
  expect(await s3.text('copy')).toBe('content');
});

test('replaces metadata in a copy when told to', async () => {
  await s3.put('source', 'content', DESCRIPTION);
  await copy('copy', 'source', { MetadataDirective: 'REPLACE', Metadata: { z: '1' }, ContentType: 'q/w' });
  expect(await s3.head('copy')).toMatchObject({ Metadata: { z: '1' }, ContentType: 'q/w' });
});

test('refuses to copy what is not there', async () => {
  await expectRefused(copy('copy', 'nothing'), 404, 'NoSuchKey');
});

test('refuses to copy an object onto itself unchanged', async () => {
  await s3.put('source', 'content');
  await expectRefused(copy('source', 'source'), 400, 'InvalidRequest');
});

test('finds the source of a copy by its encoded key', async () => {
  const key = 'src a+b#c%d?é';
  await s3.put(key, 'odd');
  await copy('copy', encodeURIComponent(key));
  expect(await s3.text('copy')).toBe('odd');
});

test('gives the copy of a multipart object a plain etag', async () => {
  const id = await s3.startUpload('parts');
  await s3.completeUpload('parts', id, [await s3.part('parts', id, 1, 'content')]);
  await copy('copy', 'parts');
  expect((await s3.head('copy')).ETag).toBe(`"${md5('content')}"`);
});

test('refuses to copy more at once than the limit', async () => {
  await s3.put('heavy', Buffer.alloc(8 * MEBIBYTE + 1));
  await expectRefused(copy('copy', 'heavy'), 400, 'InvalidRequest');
});
