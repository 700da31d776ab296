import { createHash } from 'node:crypto';
import { isFieldFileError } from '@fieldfile/storage';
import { newWriteId } from '@fieldfile/storage/backend';
import { type StorageParts, storageParts, type UploadSession } from '@fieldfile/storage/parts';
import { type Fault, FaultProxy, type SeenRequest } from '@fieldfile/test-servers/fault-proxy';
import { startGcsServer } from '@fieldfile/test-servers/gcs';
import { connect } from '@fieldfile/test-servers/gcs-client';
import { afterAll, expect, test } from 'vitest';
import type { GcsStorageOptions } from '../src/options.ts';
import { GcsStorage } from '../src/storage.ts';

const server = await startGcsServer({ requireAuthorization: true });
afterAll(() => server.close());

const BYTES = Buffer.alloc(700_000, 'the file of a client, ');
const OTHER = Buffer.from(BYTES).fill(9, 100);
let buckets = 0;

async function opened(options: Omit<GcsStorageOptions, 'bucketName' | 'client'> = {}, endpoint?: string) {
  const bucketName = `sessions-${++buckets}`;
  await (await connect(server)).createBucket(bucketName);
  const client = await connect(server, undefined, endpoint);
  const storage = new GcsStorage({ bucketName, client, ...options });
  const parts = storageParts(storage) as StorageParts;
  const { info } = await storage.create('film.bin', 'held');
  const replaces = { version: info.version, writeId: newWriteId() };
  return { storage, parts, replaces, bucket: client.bucket(bucketName) };
}

const send = async (
  { url }: UploadSession,
  body: Buffer<ArrayBuffer>,
  headers: Record<string, string> = {},
) => (await fetch(url, { method: 'PUT', body, headers })).status;

test('what the storage gives its objects, the object of a session has, whatever the client sends', async () => {
  const { storage, parts, replaces, bucket } = await opened({
    ...{ location: 'tenants/7', defaultAcl: 'publicRead' },
    objectParameters: { cacheControl: 'max-age=60', contentEncoding: 'br', metadata: { Of: 'them ✓' } },
  });
  const about = { replaces, exactBytes: BYTES.byteLength, contentType: 'video/mp4' };
  const session = await parts.startSession('film.bin', about);
  const headers = {
    ...{ 'content-type': 'text/html', 'content-encoding': 'gzip', 'cache-control': 'no-store' },
    ...{ 'x-goog-meta-of': 'me', 'x-goog-meta-fieldfile-write-id': 'mine', 'x-goog-acl': 'private' },
  };
  expect(await send(session, BYTES, headers)).toBe(200);
  const info = await storage.uploaded('film.bin', replaces, { exactBytes: BYTES.byteLength });
  expect(info).toMatchObject({
    ...{ contentType: 'video/mp4', contentEncoding: 'br', metadata: { Of: 'them ✓' } },
    ...{ writeId: replaces.writeId, sizeBytes: BYTES.byteLength },
  });
  const [metadata] = await bucket.file('tenants/7/film.bin').getMetadata();
  expect(metadata.cacheControl).toBe('max-age=60');
  expect((await fetch(`${server.endpoint}/${bucket.name}/tenants/7/film.bin`)).status).toBe(200);
});

test.each(['md5', 'crc32c'] as const)('other bytes than those of the %s make no object', async algorithm => {
  const { storage, parts, replaces } = await opened();
  const saved = await storage.create('same.bin', BYTES);
  const base64 =
    algorithm === 'md5'
      ? createHash('md5').update(BYTES).digest('base64')
      : (saved.info.digest?.base64 ?? '');
  const options = { replaces, exactBytes: BYTES.byteLength, digest: { algorithm, base64 } };
  const session = await parts.startSession('film.bin', options);
  expect(await send(session, OTHER)).toBe(400);
  expect(await storage.uploaded('film.bin', replaces, { exactBytes: BYTES.byteLength })).toBeUndefined();
  const right = await parts.startSession('film.bin', options);
  expect(await send(right, BYTES)).toBe(200);
  const info = await storage.uploaded('film.bin', replaces, { exactBytes: BYTES.byteLength });
  expect(info?.digest).toEqual(saved.info.digest);
});

test('no error shows the URL of a session', async () => {
  const { parts, replaces } = await opened();
  const session = await parts.startSession('film.bin', { replaces, exactBytes: 1 });
  await parts.endSession(session);
  const failures = [
    () => parts.sessionBytes(session),
    () => parts.sessionBytes({ ...session, url: session.url.replace(server.endpoint, 'http://127.0.0.1:9') }),
    () => parts.endSession({ ...session, url: 'http://127.0.0.1:9/?upload_id=secret' }),
  ];
  for (const failure of failures) {
    const error = await failure().catch(one => one);
    expect(isFieldFileError(error)).toBe(true);
    expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toContain('upload_id');
  }
});

test.each<[string, Fault]>([
  ['is busy', { kind: 'status', status: 503 }],
  ['loses its answer', { kind: 'lost-answer' }],
])('a service that %s is asked again', async (_, fault) => {
  for (const nth of [1, 2, 3]) {
    let seen = 0;
    const isOfSession = ({ query }: SeenRequest): boolean => query.get('uploadType') === 'resumable';
    await using proxy = await FaultProxy.start(server.endpoint);
    proxy.plan = request => (isOfSession(request) && ++seen === nth ? fault : undefined);
    const { parts, replaces } = await opened({ retry: { baseDelayMs: 1 } }, proxy.endpoint);
    const begun = await parts.startSession('film.bin', { replaces, exactBytes: BYTES.byteLength });
    const session = { ...begun, url: begun.url.replace(server.endpoint, proxy.endpoint) };
    expect(await parts.sessionBytes(session)).toBe(0);
    await parts.endSession(session);
    await expect(parts.sessionBytes(session)).rejects.toMatchObject({ code: 'conflict' });
    expect(seen).toBe(5);
  }
});

test('an abort ends the call', async () => {
  const { parts, replaces } = await opened();
  const signal = AbortSignal.abort();
  const options = { replaces, exactBytes: 1, signal };
  await expect(parts.startSession('film.bin', options)).rejects.toMatchObject({ code: 'aborted' });
  const session = await parts.startSession('film.bin', { replaces, exactBytes: 1 });
  await expect(parts.sessionBytes(session, { signal })).rejects.toMatchObject({ code: 'aborted' });
  await expect(parts.endSession(session, { signal })).rejects.toMatchObject({ code: 'aborted' });
});
