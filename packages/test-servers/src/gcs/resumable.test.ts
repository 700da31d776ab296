import { once } from 'node:events';
import { request } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { BUCKET, digest, GcsClient, generated, MiB, refusal } from '../../test/gcs-client.ts';

const QUANTUM = 256 * 1024;
const gcs = await GcsClient.start();
afterAll(() => gcs.close());

describe('through the SDK', () => {
  test('a small object', async () => {
    await gcs.put('small', 'hello', { resumable: true });
    expect(await gcs.text('small')).toBe('hello');
  });

  test('an empty object, in one piece and in chunks', async () => {
    await gcs.put('empty', '', { resumable: true });
    expect(await gcs.text('empty')).toBe('');
    await gcs.put('empty-chunked', '', { resumable: true, chunkSize: QUANTUM });
    expect(await gcs.text('empty-chunked')).toBe('');
  });

  test('a stream of 64 MiB in a single request', async () => {
    const size = 64 * MiB;
    await pipeline(generated(size, 5), gcs.file('big').createWriteStream({ resumable: true }));
    expect(await digest(gcs.file('big').createReadStream())).toBe(await digest(generated(size, 5)));
  });

  test('a stream of 20 MiB in chunks of 8 MiB', async () => {
    const size = 20 * MiB;
    const metadata = { metadata: { a: 'b' } };
    const upload = gcs.file('chunked').createWriteStream({ resumable: true, chunkSize: 8 * MiB, metadata });
    await pipeline(generated(size, 6), upload);
    expect(await digest(gcs.file('chunked').createReadStream())).toBe(await digest(generated(size, 6)));
    expect(await gcs.metadata('chunked')).toMatchObject({ metadata: { a: 'b' } });
  });

  test('a stream that is destroyed half-way leaves no object', async () => {
    const upload = gcs.file('destroyed').createWriteStream({ resumable: true });
    const failed = once(upload, 'close').catch(() => {});
    for (let written = 0; written < 4; written++) {
      await new Promise(resolve => upload.write(Buffer.alloc(MiB), resolve));
    }
    upload.destroy(new Error('broken off'));
    await failed;
    expect(await gcs.exists('destroyed')).toBe(false);
  });
});

describe('request by request', () => {
  let uri = '';
  let name = '';
  let count = 0;
  beforeEach(async () => {
    name = `object-${count++}`;
    [uri] = await gcs.file(name).createResumableUpload();
  });

  const send = (
    contentRange: string | undefined,
    body: string | Uint8Array<ArrayBuffer> | null = null,
    headers: Record<string, string> = {},
  ) =>
    fetch(uri, {
      method: 'PUT',
      headers: { ...(contentRange === undefined ? {} : { 'content-range': contentRange }), ...headers },
      body,
    });
  const status = async () => {
    const response = await send('bytes */*');
    return { status: response.status, range: response.headers.get('range') };
  };

  test('chunks, a status query between them, and the object at the end', async () => {
    expect(await status()).toEqual({ status: 308, range: null });
    const first = await send('bytes 0-262143/262150', Buffer.alloc(QUANTUM, 'a'));
    expect(first.status).toBe(308);
    expect(first.headers.get('range')).toBe('bytes=0-262143');
    expect((await send('bytes */262150')).status).toBe(308);
    expect(await gcs.exists(name)).toBe(false);
    const last = await send('bytes 262144-262149/262150', 'bbbbbb');
    expect(last.status).toBe(200);
    expect(await last.json()).toMatchObject({ name, size: '262150' });
    expect(await gcs.metadata(name)).toMatchObject({ size: '262150' });
  });

  test('a finished upload says so to whoever asks again', async () => {
    expect((await send(undefined, 'whole')).status).toBe(200);
    const again = await send('bytes */5');
    expect(again.status).toBe(200);
    expect(await again.json()).toMatchObject({ name, size: '5' });
  });

  test('a length that is told only at the end', async () => {
    expect((await send('bytes 0-262143/*', Buffer.alloc(QUANTUM))).status).toBe(308);
    expect((await send('bytes 262144-262145/262146', 'xx')).status).toBe(200);
  });

  test('a length that is told with no bytes left to send', async () => {
    expect((await send('bytes 0-262143/*', Buffer.alloc(QUANTUM))).status).toBe(308);
    expect((await send('bytes */262144')).status).toBe(200);
    expect(await gcs.metadata(name)).toMatchObject({ size: '262144' });
  });

  test('only whole multiples of 256 KiB are kept of a chunk that is not the last', async () => {
    const response = await send(`bytes 0-${QUANTUM + 99}/*`, Buffer.alloc(QUANTUM + 100));
    expect(response.headers.get('range')).toBe('bytes=0-262143');
  });

  test('a chunk under 256 KiB that is not the last is refused', async () => {
    expect((await send('bytes 0-9/*', '0123456789')).status).toBe(400);
    expect(await status()).toEqual({ status: 308, range: null });
  });

  test('bytes that were received before are skipped', async () => {
    await send('bytes 0-262143/*', Buffer.alloc(QUANTUM, 'a'));
    expect((await send('bytes 262142-262145/262146', 'XXbb')).status).toBe(200);
    expect((await gcs.text(name)).slice(-4)).toBe('aabb');
  });

  test('a gap, a length other than announced and bytes beyond the range are refused', async () => {
    expect((await send('bytes 262144-262145/262146', 'xx')).status).toBe(400);
    expect((await send('bytes 0-4/5', '0123')).status).toBe(400);
    expect((await send('bytes 0-4/5', '012345')).status).toBe(400);
    expect((await send('bytes 5-4/3', '')).status).toBe(400);
    expect((await send('0-4/5', '01234')).status).toBe(400);
    expect((await send('bytes 0-4/5', '01234')).status).toBe(200);
  });

  test('a connection that breaks keeps whole multiples of 256 KiB', async () => {
    const broken = request(uri, { method: 'PUT', headers: { 'content-range': `bytes 0-*/${2 * MiB}` } });
    const failed = once(broken, 'error').catch(() => {});
    const sent = new Promise(resolve => broken.write(Buffer.alloc(MiB - 1, 'a'), resolve));
    await sent;
    broken.destroy(new Error('reset'));
    await failed;
    const { range } = await status();
    const kept = Number(range?.split('-')[1] ?? -1) + 1;
    expect(kept % QUANTUM).toBe(0);
    expect(kept).toBeLessThan(MiB);
    expect((await send(`bytes ${kept}-*/${2 * MiB}`, Buffer.alloc(2 * MiB - kept, 'a'))).status).toBe(200);
    const [bytes] = await gcs.file(name).download();
    expect(bytes.equals(Buffer.alloc(2 * MiB, 'a'))).toBe(true);
  });

  test('a new request takes over from one that is stuck', async () => {
    const stuck = request(uri, { method: 'PUT', headers: { 'content-range': 'bytes 0-*/*' } });
    const failed = once(stuck, 'error');
    await new Promise(resolve => stuck.write('half of', resolve));
    expect((await status()).status).toBe(308);
    expect((await send(undefined, 'whole')).status).toBe(200);
    await failed;
    expect(await gcs.text(name)).toBe('whole');
  });

  test('a cancelled upload answers 499, and 410 ever after', async () => {
    const pending = gcs.server.pendingUploads;
    await send('bytes 0-262143/*', Buffer.alloc(QUANTUM));
    expect((await fetch(uri, { method: 'DELETE' })).status).toBe(499);
    expect((await send('bytes */*')).status).toBe(410);
    expect((await send('bytes 262144-262144/262145', 'x')).status).toBe(410);
    expect((await fetch(uri, { method: 'DELETE' })).status).toBe(410);
    expect(gcs.server.pendingUploads).toBe(pending - 1);
    expect(await gcs.exists(name)).toBe(false);
  });

  test('cancelled when it is done, the object stays, and the upload tells of it', async () => {
    expect((await send('bytes 0-4/5', 'whole')).status).toBe(200);
    expect((await fetch(uri, { method: 'DELETE' })).status).toBe(410);
    expect((await send('bytes */5')).status).toBe(200);
    expect(await gcs.text(name)).toBe('whole');
  });

  test('what was to be replaced and is gone when the last bytes come: 412, and no object', async () => {
    const { generation } = await gcs.metadata(name).catch(async () => {
      await gcs.put(name, 'before');
      return gcs.metadata(name);
    });
    uri = (
      await gcs
        .file(name)
        .createResumableUpload({ preconditionOpts: { ifGenerationMatch: Number(generation) } })
    )[0];
    await gcs.file(name).delete();
    expect((await send('bytes 0-4/5', 'whole')).status).toBe(412);
    expect((await send('bytes */5')).status).toBe(412);
    expect(await gcs.exists(name)).toBe(false);
  });

  test('the digest in the last request is verified, and a wrong one ends the upload', async () => {
    expect((await send(undefined, 'x', { 'x-goog-hash': 'crc32c=AAAAAA==' })).status).toBe(400);
    expect((await send('bytes */*')).status).toBe(400);
    expect(await gcs.exists(name)).toBe(false);
  });

  test('an unknown upload is 404', async () => {
    uri = `${gcs.server.endpoint}/upload/storage/v1/b/${BUCKET}/o?uploadType=resumable&upload_id=unknown`;
    expect((await send(undefined, 'x')).status).toBe(404);
  });
});

test('a length announced at the start binds the upload', async () => {
  const [uri] = await gcs.file('announced').createResumableUpload({ metadata: { contentLength: 5 } });
  const put = (body: string, range: string) =>
    fetch(uri, { method: 'PUT', body, headers: { 'content-range': range } });
  expect((await put('0123456', 'bytes 0-*/7')).status).toBe(400);
  expect((await put('01234', 'bytes 0-*/*')).status).toBe(200);
});

describe('pages of other origins', () => {
  const APP = 'https://app.example.com';
  const OTHER = 'https://other.example.com';
  const start = async (origin?: string): Promise<string> => {
    const response = await fetch(
      `${gcs.server.endpoint}/upload/storage/v1/b/${BUCKET}/o?uploadType=resumable&name=paged`,
      { method: 'POST', headers: origin === undefined ? {} : { origin } },
    );
    return response.headers.get('location') ?? '';
  };
  const allowed = async (uri: string, method: string): Promise<string | null> => {
    const headers = { origin: OTHER, 'content-range': 'bytes */*' };
    const asking = { origin: OTHER, 'access-control-request-method': 'PUT' };
    const response = await fetch(uri, { method, headers: method === 'OPTIONS' ? asking : headers });
    return response.headers.get('access-control-allow-origin');
  };

  test('an upload is for the origin that was in the request which started it, whoever asks', async () => {
    const uri = await start(APP);
    expect(await allowed(uri, 'OPTIONS')).toBe(APP);
    expect(await allowed(uri, 'PUT')).toBe(APP);
  });

  test('an upload that was started without one is for no page', async () => {
    const uri = await start();
    expect(await allowed(uri, 'OPTIONS')).toBeNull();
    expect(await allowed(uri, 'PUT')).toBeNull();
  });

  test('for signed URLs the rules of the bucket count', async () => {
    await gcs.storage.createBucket('with-rules');
    const bucket = gcs.storage.bucket('with-rules');
    await bucket.setCorsConfiguration([
      { origin: [OTHER], method: ['PUT'], responseHeader: ['content-type'], maxAgeSeconds: 60 },
    ]);
    const url = `${gcs.server.endpoint}/with-rules/a.txt`;
    const ask = async (origin: string, method: string, headers = 'content-type'): Promise<string | null> => {
      const response = await fetch(url, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': method,
          'access-control-request-headers': headers,
        },
      });
      return response.headers.get('access-control-allow-origin');
    };
    expect(await ask(OTHER, 'PUT')).toBe(OTHER);
    expect(await ask(OTHER, 'DELETE')).toBeNull();
    expect(await ask(APP, 'PUT')).toBeNull();
    expect(await ask(OTHER, 'PUT', 'content-type,x-other')).toBeNull();
  });
});

test('an upload whose bucket goes away ends with 404', async () => {
  await gcs.storage.createBucket('leaving');
  const [uri] = await gcs.storage.bucket('leaving').file('x').createResumableUpload();
  await gcs.storage.bucket('leaving').delete();
  expect((await fetch(uri, { method: 'PUT', body: 'x' })).status).toBe(404);
  expect(await refusal(gcs.storage.bucket('leaving').getMetadata())).toBe(404);
});
