import { setTimeout } from 'node:timers/promises';
import { isFieldFileError, Storage } from '@fieldfile/storage';
import { type Fault, FaultProxy, type SeenRequest } from '@fieldfile/test-servers/fault-proxy';
import { startGcsServer } from '@fieldfile/test-servers/gcs';
import { connect } from '@fieldfile/test-servers/gcs-client';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { GcsBackend } from './backend.ts';

const PART_BYTES = 256 * 1024;
const SIZE = 3 * PART_BYTES;

const server = await startGcsServer({ buckets: ['media'], requireAuthorization: true });
const proxy = await FaultProxy.start(server.endpoint);
const client = await connect(server, server.accessToken, proxy.endpoint);
const retry = { baseDelayMs: 0, attempts: 2 };
const storage = new Storage(
  new GcsBackend({ bucketName: 'media', client, blobChunkSize: PART_BYTES, timeoutMs: 300, retry }),
  { retry },
);
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await server.close();
});
beforeEach(async () => {
  proxy.heal();
  await storage.replace('old', 'old');
});

async function* stream(): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < SIZE; at += 100_000) yield new Uint8Array(Math.min(100_000, SIZE - at)).fill(7);
}

const isBeginning = ({ method, path }: SeenRequest): boolean =>
  method === 'POST' && path.startsWith('/upload');
/** Says how long the whole is, so that it ends the upload. */
const isLast = ({ method, headers }: SeenRequest): boolean =>
  method === 'PUT' && /\/\d+$/.test(headers['content-range'] ?? '');
const isPart = (request: SeenRequest): boolean => request.method === 'PUT' && !isLast(request);

const UNANSWERED: readonly Fault[] = [
  { kind: 'blackhole' },
  { kind: 'no-answer' },
  { kind: 'lost-answer' },
  { kind: 'status', status: 500 },
];

const appliedOf = (replacing: Promise<unknown>): Promise<unknown> =>
  replacing.then(
    () => 'done',
    error => (isFieldFileError(error) ? error.applied : error),
  );

const BEFORE: [string, (request: SeenRequest) => boolean][] = [
  ['what begins the upload', isBeginning],
  ['a part that is not the last', isPart],
];

describe.each(UNANSWERED)('a replacement by a stream, $kind $status', fault => {
  test.each(BEFORE)('to %s: nothing was replaced, and it says so', async (_, fits) => {
    for (const ifMatch of [undefined, (await storage.info('old')).version]) {
      proxy.plan = request => (fits(request) ? fault : undefined);
      const applied = await appliedOf(storage.replace('old', stream(), ifMatch ? { ifMatch } : {}));
      proxy.heal();
      await using opened = await storage.open('old');
      expect([applied, await opened.text()]).toEqual([false, 'old']);
    }
  });

  test('to the last part: nobody knows, unless it is found', async () => {
    proxy.plan = request => (isLast(request) ? fault : undefined);
    expect(['unknown', 'done']).toContain(await appliedOf(storage.replace('old', stream())));
  });
});

test('a replacement by bytes is not known to be done where it is given up without an answer', async () => {
  const patient = new Storage(new GcsBackend({ bucketName: 'media', client, retry }), { retry });
  const stop = new AbortController();
  proxy.plan = request => {
    if (!isBeginning(request)) return undefined;
    void setTimeout(20).then(() => stop.abort());
    return { kind: 'blackhole' };
  };
  const error = await patient.replace('old', 'new', { signal: stop.signal }).catch(caught => caught);
  expect(error).toMatchObject({ code: 'aborted', applied: 'unknown' });
  await patient[Symbol.asyncDispose]();
});

test.each(BEFORE)(
  'a replacement that is given up while %s is unanswered has replaced nothing, and says so',
  async (_, fits) => {
    const stop = new AbortController();
    proxy.plan = request => {
      if (!fits(request)) return undefined;
      void setTimeout(20).then(() => stop.abort());
      return { kind: 'blackhole' };
    };
    const error = await storage.replace('old', stream(), { signal: stop.signal }).catch(caught => caught);
    expect(error).toMatchObject({ code: 'aborted', applied: false });
  },
);
