import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { BUCKET, GcsClient } from '../../test/gcs-client.ts';
import { startGcsServer } from '../gcs.ts';

test('closing ends connections, uploads under way and the folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gcs-test-'));
  try {
    const gcs = await GcsClient.start({ folder });
    await gcs.put('x', 'x');
    const [uri] = await gcs.file('unfinished').createResumableUpload();
    await fetch(uri, {
      method: 'PUT',
      headers: { 'content-range': 'bytes 0-262143/*' },
      body: new Uint8Array(262144),
    });
    expect(gcs.server.pendingUploads).toBe(1);
    const socket = connect(Number(new URL(gcs.server.endpoint).port), '127.0.0.1');
    await once(socket, 'connect');
    const ended = once(socket.resume(), 'close');
    await gcs.close();
    await gcs.close();
    await ended;
    expect(await readdir(folder)).toEqual([]);
    await expect(fetch(gcs.server.endpoint)).rejects.toThrow('fetch failed');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('bytes of objects that are replaced, deleted or refused do not stay on the disk', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gcs-test-'));
  try {
    await using server = await startGcsServer({ folder, buckets: [BUCKET] });
    const upload = `${server.endpoint}/upload/storage/v1/b/${BUCKET}/o?uploadType=media&name=x`;
    const put = (query = '', headers: Record<string, string> = {}) =>
      fetch(`${upload}${query}`, { method: 'POST', body: 'x', headers });
    for (let round = 0; round < 3; round++) await put();
    await put('&ifGenerationMatch=0');
    await put('', { 'x-goog-hash': 'crc32c=AAAAAA==' });
    const [own = ''] = await readdir(folder);
    const files = () => readdir(join(folder, own));
    await expect.poll(files).toHaveLength(1);
    await fetch(`${server.endpoint}/storage/v1/b/${BUCKET}/o/x`, { method: 'DELETE' });
    await expect.poll(files).toHaveLength(0);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a port that is taken rejects the start', async () => {
  await using server = await startGcsServer();
  const port = Number(new URL(server.endpoint).port);
  await expect(startGcsServer({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

// Node 22 strips types but cannot parse `await using`, which this private package's sources have.
const runsSources = Number(process.versions.node.split('.')[0]) >= 24;

test.runIf(runsSources)('the command serves in a process of its own and ends with its parent', async () => {
  const command = fileURLToPath(new URL('../gcs-command.ts', import.meta.url));
  const child = fork(command, ['--bucket', BUCKET], {
    execArgv: ['--conditions=@fieldfile/source'],
    stdio: 'pipe',
  });
  const exited = once(child, 'exit');
  const [ready] = await once(child, 'message');
  const url = `${ready.endpoint}/storage/v1/b/${BUCKET}`;
  expect((await fetch(url)).status).toBe(200);
  expect(ready.credentials.private_key).toContain('PRIVATE KEY');
  child.disconnect();
  expect(await exited).toEqual([0, null]);
  await expect(fetch(url)).rejects.toThrow('fetch failed');
});
