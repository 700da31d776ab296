import { afterAll, beforeAll, expect, test } from 'vitest';
import { BUCKET, GcsClient } from '../../test/gcs-client.ts';
import { startGcsServer } from '../gcs.ts';

const gcs = await GcsClient.start();
afterAll(() => gcs.close());
beforeAll(() => gcs.put('x', 'x'));

const api = `${gcs.server.endpoint}/storage/v1/b/${BUCKET}/o`;
const upload = `${gcs.server.endpoint}/upload/storage/v1/b/${BUCKET}/o?uploadType=media&name=x`;
const status = async (url: string, token: string, method = 'GET') =>
  (await fetch(url, { method, headers: { authorization: `Bearer ${token}` } })).status;

test('the full token reads and writes', async () => {
  expect(await status(`${api}/x`, gcs.server.accessToken)).toBe(200);
  expect(await status(`${gcs.server.endpoint}/${BUCKET}/x`, gcs.server.accessToken)).toBe(200);
  expect(await status(upload, gcs.server.accessToken, 'POST')).toBe(200);
});

test('the read-only token is forbidden to write', async () => {
  const token = gcs.server.readOnlyAccessToken;
  expect(await status(`${api}/x`, token)).toBe(200);
  expect(await status(api, token)).toBe(200);
  expect(await status(upload, token, 'POST')).toBe(403);
  expect(await status(`${api}/x`, token, 'DELETE')).toBe(403);
  expect(await status(`${gcs.server.endpoint}/${BUCKET}/x`, token, 'PUT')).toBe(403);
});

test('any other token is a wrong credential, also for what does not exist', async () => {
  expect(await status(`${api}/x`, 'wrong')).toBe(401);
  expect(await status(`${api}/missing`, 'wrong')).toBe(401);
  expect(await status(upload, 'wrong', 'POST')).toBe(401);
  expect(await status(`${gcs.server.endpoint}/${BUCKET}/x`, 'wrong')).toBe(401);
});

test('a server may demand a token of everyone; an upload under way needs none', async () => {
  await using strict = await startGcsServer({ buckets: [BUCKET], requireAuthorization: true });
  const start = `${strict.endpoint}/upload/storage/v1/b/${BUCKET}/o?uploadType=resumable&name=x`;
  expect((await fetch(start, { method: 'POST' })).status).toBe(401);
  expect((await fetch(`${strict.endpoint}/storage/v1/b/${BUCKET}`)).status).toBe(401);
  const headers = { authorization: `Bearer ${strict.accessToken}` };
  const started = await fetch(start, { method: 'POST', headers });
  const sent = await fetch(started.headers.get('location') ?? '', { method: 'PUT', body: 'x' });
  expect(sent.status).toBe(200);
});
