import { setTimeout } from 'node:timers/promises';
import { isFieldFileError } from '@fieldfile/storage';
import { type Fault, FaultProxy, type SeenRequest } from '@fieldfile/test-servers/fault-proxy';
import { startS3Server } from '@fieldfile/test-servers/s3';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { optionsFor } from '../test/open-storage.ts';
import { MEBIBYTE } from './options.ts';
import { S3Storage } from './storage.ts';

const BYTES = new Uint8Array(6 * MEBIBYTE).fill(7);

const server = await startS3Server({ buckets: ['media'] });
const proxy = await FaultProxy.start(server.endpoint);
const storage = new S3Storage(
  optionsFor(server, {
    endpointUrl: proxy.endpoint,
    timeoutSeconds: 1,
    conditionalWrites: 'supported',
    retry: { baseDelayMs: 0, attempts: 1 },
  }),
);
afterAll(async () => {
  await storage[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
  await server.close();
});
beforeEach(async () => {
  proxy.heal();
  await storage.replace('old', 'old');
});

async function* stream(): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < BYTES.length; at += MEBIBYTE) yield BYTES.subarray(at, at + MEBIBYTE);
}

const isBeginning = ({ method, query }: SeenRequest): boolean => method === 'POST' && query.has('uploads');
const isPart = ({ query }: SeenRequest): boolean => query.has('partNumber');
const isCompletion = ({ method, query }: SeenRequest): boolean => method === 'POST' && query.has('uploadId');

const UNANSWERED: readonly Fault[] = [
  { kind: 'blackhole' },
  { kind: 'no-answer' },
  { kind: 'lost-answer' },
  { kind: 'status', status: 500, code: 'InternalError' },
];

const appliedOf = (replacing: Promise<unknown>): Promise<unknown> =>
  replacing.then(
    () => 'done',
    error => (isFieldFileError(error) ? error.applied : error),
  );

describe.each(UNANSWERED)('a replacement by a stream, $kind $status', fault => {
  test.each([
    ['what begins the upload', isBeginning],
    ['a part', isPart],
  ])('to %s: nothing was replaced, and it says so', async (_, fits) => {
    for (const ifMatch of [undefined, (await storage.info('old')).version]) {
      proxy.plan = request => (fits(request) ? fault : undefined);
      expect(await appliedOf(storage.replace('old', stream(), ifMatch ? { ifMatch } : {}))).toBe(false);
      proxy.heal();
      await using opened = await storage.open('old');
      expect(await opened.text()).toBe('old');
    }
  });

  test('to the completion: nobody knows, unless it is found', async () => {
    proxy.plan = request => (isCompletion(request) ? fault : undefined);
    expect(['unknown', 'done']).toContain(await appliedOf(storage.replace('old', stream())));
  });
});

test('a replacement by bytes is not known to be done where it is given up without an answer', async () => {
  const stop = new AbortController();
  proxy.plan = request => {
    if (request.method !== 'PUT') return undefined;
    void setTimeout(50).then(() => stop.abort());
    return { kind: 'blackhole' };
  };
  const error = await storage.replace('old', 'new', { signal: stop.signal }).catch(caught => caught);
  expect(error).toMatchObject({ code: 'aborted', applied: 'unknown' });
});

test.each([
  ['what begins the upload', isBeginning],
  ['a part', isPart],
])(
  'a replacement that is given up while %s is unanswered has replaced nothing, and says so',
  async (_, fits) => {
    const stop = new AbortController();
    proxy.plan = request => {
      if (!fits(request)) return undefined;
      void setTimeout(50).then(() => stop.abort());
      return { kind: 'blackhole' };
    };
    const error = await storage.replace('old', stream(), { signal: stop.signal }).catch(caught => caught);
    expect(error).toMatchObject({ code: 'aborted', applied: false });
  },
);
