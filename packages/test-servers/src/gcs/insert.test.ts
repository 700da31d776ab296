import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { afterAll, expect, test } from 'vitest';
import { BUCKET, digest, GcsClient, generated, MiB, refusal } from '../../test/gcs-client.ts';

const gcs = await GcsClient.start();
afterAll(() => gcs.close());

const md5 = (text: string) => createHash('md5').update(text).digest('base64');

test('what one request stores is read back, described and deleted', async () => {
  await gcs.put('small', 'hello');
  expect(await gcs.text('small')).toBe('hello');
  expect(await gcs.metadata('small')).toMatchObject({
    name: 'small',
    bucket: BUCKET,
    size: '5',
    crc32c: 'mnG7TA==',
    md5Hash: md5('hello'),
    generation: expect.stringMatching(/^\d{16}$/),
    metageneration: '1',
    etag: expect.any(String),
    timeCreated: expect.any(String),
    updated: expect.any(String),
  });
  await gcs.file('small').delete();
  expect(await refusal(gcs.file('small').getMetadata())).toBe(404);
});

test('an empty object', async () => {
  await gcs.put('empty', '');
  expect(await gcs.text('empty')).toBe('');
  expect(await gcs.metadata('empty')).toMatchObject({ size: '0', crc32c: 'AAAAAA==' });
});

test('bytes without a type are an octet stream', async () => {
  await gcs.put('untyped', Buffer.from('x'));
  expect(await gcs.metadata('untyped')).toMatchObject({ contentType: 'application/octet-stream' });
});

test('a stream of 64 MiB in one request', async () => {
  const size = 64 * MiB;
  await pipeline(
    generated(size),
    gcs.file('big').createWriteStream({ resumable: false, contentType: 'x/y' }),
  );
  expect(await digest(gcs.file('big').createReadStream())).toBe(await digest(generated(size)));
});

test('a media upload takes name and type from the request', async () => {
  const url = `${gcs.server.endpoint}/upload/storage/v1/b/${BUCKET}/o?uploadType=media&name=media%20é`;
  const response = await fetch(url, { method: 'POST', body: 'm', headers: { 'content-type': 'text/m' } });
  expect(await response.json()).toMatchObject({ name: 'media é', contentType: 'text/m', size: '1' });
});

test('a boundary that is cut by a packet or nearly occurs in the bytes is told apart', async () => {
  const boundary = 'edge';
  const content = `\r\n--edg\r\n--edg${'\r\n-'.repeat(1000)}\r\n`;
  const text = `--${boundary}\r\nContent-Type: application/json\r\n\r\n{"name":"edge"}\r\n--${boundary}\r\n\r\n${content}\r\n--${boundary}--`;
  for (const step of [1, 7, 4096]) {
    const url = `${gcs.server.endpoint}/upload/storage/v1/b/${BUCKET}/o?uploadType=multipart`;
    const headers = { 'content-type': `multipart/related; boundary=${boundary}` };
    const upload = request(url, { method: 'POST', headers });
    const answered = once(upload, 'response');
    for (let at = 0; at < text.length; at += step) upload.write(text.slice(at, at + step));
    upload.end();
    const [response] = await answered;
    expect(response.statusCode).toBe(200);
    response.resume();
    expect(await gcs.text('edge')).toBe(content);
  }
});

test('a multipart body without its closing boundary stores nothing', async () => {
  const url = `${gcs.server.endpoint}/upload/storage/v1/b/${BUCKET}/o?uploadType=multipart`;
  const response = await fetch(url, {
    method: 'POST',
    body: '--b\r\n\r\n{"name":"cut"}\r\n--b\r\n\r\nhalf of',
    headers: { 'content-type': 'multipart/related; boundary=b' },
  });
  expect(response.status).toBe(400);
  expect(await gcs.exists('cut')).toBe(false);
});

test.each([
  ['crc32c', { crc32c: 'AAAAAA==' }],
  ['md5Hash', { md5Hash: md5('y') }],
])('bytes that are not those of the announced %s are refused', async (_, metadata) => {
  expect(await refusal(gcs.put('wrong', 'x', { validation: false, metadata }))).toBe(400);
  expect(await gcs.exists('wrong')).toBe(false);
});

test.each(['crc32c=AAAAAA==', `md5=${md5('y')}`])('x-goog-hash %s is verified', async hash => {
  const url = `${gcs.server.endpoint}/upload/storage/v1/b/${BUCKET}/o?uploadType=media&name=wrong`;
  const response = await fetch(url, { method: 'POST', body: 'x', headers: { 'x-goog-hash': hash } });
  expect(response.status).toBe(400);
  expect(await gcs.exists('wrong')).toBe(false);
});

test('an upload that is broken off keeps the old object', async () => {
  await gcs.put('kept', 'old');
  const upload = gcs.file('kept').createWriteStream({ resumable: false });
  const failed = once(upload, 'error').catch(() => {});
  for (let written = 0; written < 4; written++) {
    await new Promise(resolve => upload.write(Buffer.alloc(MiB), resolve));
  }
  upload.destroy(new Error('broken off'));
  await failed;
  expect(await gcs.text('kept')).toBe('old');
});

test('100 objects put and read side by side', async () => {
  const numbers = Array.from({ length: 100 }, (_, number) => number);
  await Promise.all(numbers.map(number => gcs.put(`parallel/${number}`, `v${number}`)));
  const texts = await Promise.all(numbers.map(number => gcs.text(`parallel/${number}`)));
  expect(texts).toEqual(numbers.map(number => `v${number}`));
});

test('a customer-supplied key is refused, not ignored', async () => {
  const file = gcs.file('secret', { encryptionKey: Buffer.alloc(32) });
  expect(await refusal(file.save('x', { resumable: false }))).toBe(501);
});

test('a connection whose upload was refused half-way serves the next request', async () => {
  await gcs.put('taken', 'x');
  const agent = new Agent({ keepAlive: true });
  const body = Buffer.concat([
    Buffer.from('--b\r\ncontent-type: application/json\r\n\r\n{}\r\n--b\r\ncontent-type: text/plain\r\n\r\n'),
    Buffer.alloc(MiB),
    Buffer.from('\r\n--b--\r\n'),
  ]);
  const path = `/upload/storage/v1/b/${BUCKET}/o?uploadType=multipart&name=taken&ifGenerationMatch=0`;
  const headers = { 'content-type': 'multipart/related; boundary=b', 'content-length': body.length };
  for (let attempt = 0; attempt < 3; attempt++) {
    const insert = request(gcs.server.endpoint + path, { method: 'POST', agent, headers });
    insert.end(body);
    const [response] = await once(insert, 'response');
    expect(response.statusCode).toBe(412);
    await once(response.resume(), 'end');
  }
  agent.destroy();
});
