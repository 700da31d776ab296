import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BUCKET, GcsClient, MiB, refusal } from '../../test/gcs-client.ts';

const gcs = await GcsClient.start();
afterAll(() => gcs.close());
beforeAll(() => gcs.put('digits', '0123456789'));

test('ranges: from and to, open, and from the end', async () => {
  expect(await gcs.text('digits', { start: 2, end: 4 })).toBe('234');
  expect(await gcs.text('digits', { start: 7 })).toBe('789');
  expect(await gcs.text('digits', { end: -3 })).toBe('789');
  expect(await gcs.text('digits', { start: 8, end: 100 })).toBe('89');
});

test('a range behind the end is 416', async () => {
  expect(await refusal(gcs.file('digits').download({ start: 10, end: 12 }))).toBe(416);
});

test('the SDK verifies a download against the hashes it is sent', async () => {
  await gcs.put('validated', Buffer.alloc(MiB, 3));
  expect((await gcs.file('validated').download({ validation: 'crc32c' }))[0]).toHaveLength(MiB);
  expect((await gcs.file('validated').download({ validation: 'md5' }))[0]).toHaveLength(MiB);
});

test('an older generation is gone once it is overwritten', async () => {
  await gcs.put('overwritten', '1');
  const generation = Number((await gcs.metadata('overwritten')).generation);
  expect(String((await gcs.file('overwritten', { generation }).download())[0])).toBe('1');
  await gcs.put('overwritten', '2');
  expect(await refusal(gcs.file('overwritten', { generation }).download())).toBe(404);
});

test('what is not there is 404, in plain text', async () => {
  expect(await refusal(gcs.file('missing').download())).toBe(404);
  const response = await fetch(gcs.mediaUrl('missing'));
  expect(await response.text()).toBe(`No such object: ${BUCKET}/missing`);
});

test('the download path answers like the storage path', async () => {
  const response = await fetch(gcs.mediaUrl('digits').replace('/storage/', '/download/storage/'));
  expect(response.status).toBe(200);
  expect(await response.text()).toBe('0123456789');
});

test('readers of an object that is overwritten see one state or the other', async () => {
  await gcs.put('torn', Buffer.alloc(MiB, 'A'));
  let isWriting = true;
  const writing = (async () => {
    for (let round = 0; round < 20; round++) await gcs.put('torn', Buffer.alloc(MiB, 65 + round));
    isWriting = false;
  })();
  while (isWriting) {
    const [bytes] = await gcs.file('torn').download();
    expect(bytes).toHaveLength(MiB);
    expect(bytes.equals(Buffer.alloc(MiB, bytes[0]))).toBe(true);
  }
  await writing;
});

describe('HTTP conditions', () => {
  const ask = async (headers: Record<string, string>) => {
    const response = await fetch(gcs.mediaUrl('digits'), { headers });
    return [response.status, await response.text()];
  };
  const whole = [200, '0123456789'];
  const later = new Date(Date.now() + 60_000).toUTCString();
  const earlier = new Date(0).toUTCString();

  test('If-Match and If-None-Match', async () => {
    const etag = (await fetch(gcs.mediaUrl('digits'))).headers.get('etag') ?? '';
    expect(await ask({ 'if-match': etag })).toEqual(whole);
    expect(await ask({ 'if-match': `"${etag}"` })).toEqual(whole);
    expect((await ask({ 'if-match': '"zzz"' }))[0]).toBe(412);
    expect(await ask({ 'if-none-match': etag })).toEqual([304, '']);
    expect(await ask({ 'if-none-match': '"zzz"' })).toEqual(whole);
  });

  test('If-Modified-Since and If-Unmodified-Since', async () => {
    expect(await ask({ 'if-modified-since': later })).toEqual([304, '']);
    expect(await ask({ 'if-modified-since': earlier })).toEqual(whole);
    expect(await ask({ 'if-unmodified-since': later })).toEqual(whole);
    expect((await ask({ 'if-unmodified-since': earlier }))[0]).toBe(412);
  });

  test('If-Range gives the range while the object is the same, else all of it', async () => {
    const etag = (await fetch(gcs.mediaUrl('digits'))).headers.get('etag') ?? '';
    expect(await ask({ range: 'bytes=1-2', 'if-range': `"${etag}"` })).toEqual([206, '12']);
    expect(await ask({ range: 'bytes=1-2', 'if-range': '"zzz"' })).toEqual(whole);
  });
});

describe('gzip', () => {
  const content = 'hello '.repeat(100);
  // fetch asks for gzip and unpacks by itself; this shows what was sent.
  const get = async (name: string, headers: Record<string, string>) => {
    const { promise, resolve, reject } = Promise.withResolvers<import('node:http').IncomingMessage>();
    request(gcs.mediaUrl(name), { headers }, resolve).on('error', reject).end();
    return await promise;
  };

  beforeAll(async () => {
    await gcs.put('packed', content, { gzip: true });
    await gcs.put('packed-for-good', content, { gzip: true, metadata: { cacheControl: 'no-transform' } });
  });

  test('the SDK stores it packed and unpacks it', async () => {
    expect(await gcs.metadata('packed')).toMatchObject({ contentEncoding: 'gzip' });
    expect(await gcs.text('packed', { decompress: true })).toBe(content);
    const [packed] = await gcs.file('packed').download({ decompress: false });
    expect(packed.length).toBeLessThan(content.length);
  });

  test('a client that takes gzip gets the stored bytes', async () => {
    const response = await get('packed', { 'accept-encoding': 'gzip' });
    expect(response.headers).toMatchObject({
      'content-encoding': 'gzip',
      'x-goog-stored-content-encoding': 'gzip',
      vary: 'Accept-Encoding',
    });
    response.resume();
  });

  test('a client that does not gets them unpacked, as a whole', async () => {
    const response = await get('packed', { range: 'bytes=0-4' });
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-encoding']).toBeUndefined();
    expect(response.headers.warning).toBe('214 UploadServer gunzipped');
    expect(await text(response)).toBe(content);
  });

  test('no-transform sends the stored bytes to everyone', async () => {
    const response = await get('packed-for-good', {});
    expect(response.headers['content-encoding']).toBe('gzip');
    response.resume();
  });

  test('bytes that are not what their encoding says end the download with an error', async () => {
    await gcs.put('mislabelled', gzipSync(content).subarray(0, 20), {
      metadata: { contentEncoding: 'gzip' },
    });
    const response = await get('mislabelled', {});
    await expect(text(response)).rejects.toThrow('aborted');
  });
});
