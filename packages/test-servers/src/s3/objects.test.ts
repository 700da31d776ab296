import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  GetObjectAttributesCommand,
  GetObjectTaggingCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { afterAll, expect, test } from 'vitest';
import { expectRefused, MEBIBYTE, noise, oneShot, S3Fixture, stalled } from '../../test/s3-fixture.ts';

const s3 = await S3Fixture.start();
afterAll(() => s3[Symbol.asyncDispose]());

const md5 = (content: string): string => createHash('md5').update(content).digest('hex');

test('stores a buffer whole, with its MD5 as etag, and removes it', async () => {
  await s3.put('small', Buffer.from('hello'));
  const got = await s3.get('small');
  expect(await got.Body?.transformToString()).toBe('hello');
  expect(got.ContentEncoding).toBeUndefined();
  const head = await s3.head('small');
  expect(head.ContentLength).toBe(5);
  expect(head.ETag).toBe(`"${md5('hello')}"`);
  expect(head.LastModified).toBeInstanceOf(Date);
  await s3.remove('small');
  await expectRefused(s3.head('small'), 404, 'NotFound');
});

test('stores an empty object', async () => {
  await s3.put('empty', Buffer.alloc(0));
  expect((await s3.head('empty')).ContentLength).toBe(0);
  expect(await s3.text('empty')).toBe('');
});

test('stores a string as UTF-8', async () => {
  await s3.put('string', 'héllo');
  expect(await s3.text('string')).toBe('héllo');
});

test('decodes an aws-chunked stream with a trailing checksum', async () => {
  const pieces = Readable.from([Buffer.from('abc'), Buffer.from('defg')]);
  await s3.put('stream', pieces, { ContentLength: 7 });
  const got = await s3.get('stream');
  expect(await got.Body?.transformToString()).toBe('abcdefg');
  expect(got.ContentEncoding).toBeUndefined();
  expect(got.ContentLength).toBe(7);
  expect(got.ETag).toBe(`"${md5('abcdefg')}"`);
});

test('keeps the content encoding that stands beside aws-chunked', async () => {
  await s3.put('encoded', oneShot('abc'), { ContentLength: 3, ContentEncoding: 'gzip' });
  expect((await s3.head('encoded')).ContentEncoding).toBe('gzip');
});

test('takes a stream without any checksum', async () => {
  using client = Object.assign(s3.newClient({ requestChecksumCalculation: 'WHEN_REQUIRED' }), {
    [Symbol.dispose]() {
      client.destroy();
    },
  });
  await client.send(
    new PutObjectCommand({ Bucket: s3.bucket, Key: 'plain', Body: oneShot('abc'), ContentLength: 3 }),
  );
  expect(await s3.text('plain')).toBe('abc');
});

test('stores 64 MiB from a stream in one request and streams it back', async () => {
  const bytes = noise(64 * MEBIBYTE);
  await s3.put('big', oneShot(bytes), { ContentLength: bytes.length });
  expect((await s3.bytes('big')).equals(bytes)).toBe(true);
});

test('keeps nothing of an upload that is aborted in the middle of its body', async () => {
  const aborter = new AbortController();
  const body = stalled(noise(65536));
  const upload = s3.client.send(
    new PutObjectCommand({ Bucket: s3.bucket, Key: 'aborted', Body: body, ContentLength: MEBIBYTE }),
    { abortSignal: aborter.signal },
  );
  await body.reached;
  aborter.abort();
  await expect(upload).rejects.toThrow();
  await expectRefused(s3.head('aborted'), 404);
});

test('keeps the old object when its replacement is aborted', async () => {
  await s3.put('kept', 'old');
  const aborter = new AbortController();
  const body = stalled(noise(65536));
  const upload = s3.client.send(
    new PutObjectCommand({ Bucket: s3.bucket, Key: 'kept', Body: body, ContentLength: MEBIBYTE }),
    { abortSignal: aborter.signal },
  );
  await body.reached;
  aborter.abort();
  await expect(upload).rejects.toThrow();
  expect(await s3.text('kept')).toBe('old');
});

test('never shows a reader half of a replacement', async () => {
  await s3.put('torn', Buffer.alloc(MEBIBYTE, 'A'));
  let isWriting = true;
  const write = async (): Promise<void> => {
    for (let round = 0; round < 30; round++) await s3.put('torn', Buffer.alloc(MEBIBYTE, 65 + (round % 20)));
    isWriting = false;
  };
  const read = async (): Promise<void> => {
    while (isWriting) {
      const bytes = await s3.bytes('torn');
      expect(bytes.equals(Buffer.alloc(MEBIBYTE, bytes[0]))).toBe(true);
    }
  };
  await Promise.all([write(), read()]);
});

test('serves a hundred writers and readers at once', async () => {
  const keys = Array.from({ length: 100 }, (_, index) => `parallel/${index}`);
  await Promise.all(keys.map(key => s3.put(key, key)));
  expect(await Promise.all(keys.map(key => s3.text(key)))).toEqual(keys);
});

test('answers two hundred writes and reads one after the other', async () => {
  const bytes = noise(1024);
  for (let round = 0; round < 200; round++) {
    await s3.put('again', bytes);
    expect((await s3.bytes('again')).equals(bytes)).toBe(true);
  }
});

// Metadata

const DESCRIPTION = {
  Metadata: { foo: 'bar', 'with-dash': 'v v' },
  ContentType: 'text/plain; charset=utf-8',
  CacheControl: 'public, max-age=60',
  ContentDisposition: 'attachment; filename="a b.txt"',
  ContentLanguage: 'de',
  ContentEncoding: 'identity',
};

test('gives every header of an object back on GET and HEAD', async () => {
  await s3.put('described', 'x', { ...DESCRIPTION, Expires: new Date('2030-01-01T00:00:00Z') });
  const expected = { ...DESCRIPTION, ExpiresString: 'Tue, 01 Jan 2030 00:00:00 GMT' };
  expect(await s3.head('described')).toMatchObject(expected);
  expect(await s3.get('described')).toMatchObject(expected);
});

test('gives non-ASCII metadata back as an RFC 2047 word', async () => {
  await s3.put('latin', Buffer.from('x'), { Metadata: { foo: 'bär' } });
  expect((await s3.head('latin')).Metadata?.foo).toBe(`=?UTF-8?B?${Buffer.from('bär').toString('base64')}?=`);
});

test('refuses metadata beyond 2 KiB', async () => {
  const upload = s3.put('heavy', 'x', { Metadata: { foo: 'a'.repeat(3000) } });
  await expectRefused(upload, 400, 'MetadataTooLarge');
});

test('gives an object without a content type the default one', async () => {
  await s3.put('untyped', Buffer.from('x'));
  expect((await s3.head('untyped')).ContentType).toMatch(/^(application|binary)\/octet-stream$/);
});

test('overrides headers of a GET by query', async () => {
  await s3.put('overridden', 'x', DESCRIPTION);
  const got = await s3.get('overridden', {
    ResponseContentType: 'a/b',
    ResponseContentDisposition: 'inline',
    ResponseCacheControl: 'no-store',
  });
  expect(got).toMatchObject({
    ContentType: 'a/b',
    ContentDisposition: 'inline',
    CacheControl: 'no-store',
  });
});

test('keeps tags and the storage class', async () => {
  await s3.put('tagged', 'x', { Tagging: 'a=1', StorageClass: 'STANDARD_IA' });
  expect(await s3.head('tagged')).toMatchObject({ StorageClass: 'STANDARD_IA', TagCount: 1 });
  const target = { Bucket: s3.bucket, Key: 'tagged' };
  const TagSet = [{ Key: 'a', Value: 'b c' }];
  await s3.client.send(new PutObjectTaggingCommand({ ...target, Tagging: { TagSet } }));
  expect((await s3.client.send(new GetObjectTaggingCommand(target))).TagSet).toEqual(TagSet);
});

test('tells the attributes of an object', async () => {
  await s3.put('attributes', '0123456789');
  const attributes = await s3.client.send(
    new GetObjectAttributesCommand({
      Bucket: s3.bucket,
      Key: 'attributes',
      ObjectAttributes: ['ETag', 'ObjectSize', 'Checksum'],
    }),
  );
  expect(attributes).toMatchObject({ ObjectSize: 10, ETag: md5('0123456789') });
  expect(attributes.Checksum?.ChecksumCRC32).toBeDefined();
});

// Ranges

test.each([
  ['bytes=2-4', '234', 'bytes 2-4/10'],
  ['bytes=-3', '789', 'bytes 7-9/10'],
  ['bytes=7-', '789', 'bytes 7-9/10'],
  ['bytes=8-100', '89', 'bytes 8-9/10'],
])('answers the range %s with 206', async (Range, content, ContentRange) => {
  await s3.put('digits', '0123456789');
  const got = await s3.get('digits', { Range });
  expect(await got.Body?.transformToString()).toBe(content);
  expect(got).toMatchObject({ ContentRange, ContentLength: content.length });
  expect(got.$metadata.httpStatusCode).toBe(206);
});

test('refuses a range beyond the end with 416', async () => {
  await s3.put('digits', '0123456789');
  await expectRefused(s3.get('digits', { Range: 'bytes=10-12' }), 416, 'InvalidRange');
});
