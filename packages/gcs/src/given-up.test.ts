import { getEventListeners } from 'node:events';
import { Agent } from 'node:http';
import { Storage } from '@fieldfile/storage';
import { startGcsServer } from '@fieldfile/test-servers/gcs';
import { connect } from '@fieldfile/test-servers/gcs-client';
import { load } from '@fieldfile/test-servers/load';
import { afterAll, expect, test } from 'vitest';
import { GcsBackend } from './backend.ts';

const TIMES = load({ test: 100, ci: 1000, deep: 1000 });
const PART_BYTES = 256 * 1024;
const BYTES = new Uint8Array(3 * PART_BYTES).fill(7);

const server = await startGcsServer({ buckets: ['media'], requireAuthorization: true });
afterAll(() => server.close());
const agent = new Agent({ keepAlive: true });
const storage = new Storage(
  new GcsBackend({ bucketName: 'media', client: await connect(server), blobChunkSize: PART_BYTES, agent }),
);

const sockets = (): number => Object.values(agent.sockets).flat().length;

async function names(): Promise<string[]> {
  const listed: string[] = [];
  for await (const { name } of storage.list()) listed.push(name);
  return listed;
}

test(`${TIMES} uploads aborted at every stage leave no object, session, socket or listener`, async () => {
  const shared = new AbortController();
  let aborted = 0;
  for (let upload = 0; upload < TIMES; upload++) {
    const one = new AbortController();
    async function* content(): AsyncGenerator<Uint8Array> {
      for (let part = 0; part < 3; part++) {
        // Before the first byte, while the name is held, and while parts are under way.
        if (upload % 4 === part) one.abort();
        yield BYTES.subarray(0, PART_BYTES + 1);
      }
      one.abort();
      yield BYTES;
    }
    const signal = AbortSignal.any([one.signal, shared.signal]);
    await storage.save('a.bin', content(), { signal }).catch(error => {
      expect(error).toMatchObject({ code: 'aborted' });
      aborted++;
    });
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  }
  expect(aborted).toBe(TIMES);
  expect(await names()).toEqual([]);
  expect(server.pendingUploads).toBe(0);
  await expect.poll(sockets).toBe(0);
});

test(`${TIMES} downloads given up in every way leave no socket and no listener`, async () => {
  await storage.save('a.bin', BYTES);
  const { signal } = new AbortController();
  for (let download = 0; download < TIMES; download++) {
    await using opened = await storage.open('a.bin', { signal });
    // Unread, cancelled, left in the middle of a loop or of a read.
    if (download % 4 === 1) await opened.stream.cancel();
    if (download % 4 === 2) for await (const _chunk of opened.stream) break;
    if (download % 4 === 3) await opened.stream.getReader().read();
  }
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  await expect.poll(sockets).toBe(0);
});
