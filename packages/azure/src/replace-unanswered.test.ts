import { setTimeout } from 'node:timers/promises';
import { isFieldFileError } from '@fieldfile/storage';
import { type Azurite, makeContainer, startAzurite } from '@fieldfile/test-servers/azurite';
import { type Fault, FaultProxy, type SeenRequest } from '@fieldfile/test-servers/fault-proxy';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AzureStorage } from './storage.ts';

const KIB = 1024;
const SIZE = 300 * KIB;

let azurite: Azurite;
let proxy: FaultProxy;
let storage: AzureStorage;

beforeAll(async () => {
  azurite = await startAzurite();
  proxy = await FaultProxy.start(new URL(azurite.url).origin);
  const { accountName, accountKey } = azurite;
  storage = new AzureStorage({
    azureContainer: (await makeContainer(azurite)).containerName,
    endpoint: `${proxy.endpoint}/${accountName}`,
    accountName,
    accountKey,
    blockSizeBytes: 100 * KIB,
    timeout: 0.3,
    retry: { baseDelayMs: 0, attempts: 2 },
  });
});
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await azurite[Symbol.asyncDispose]();
});
beforeEach(async () => {
  proxy.heal();
  await storage.replace('old', 'old');
});

async function* stream(): AsyncGenerator<Uint8Array> {
  for (let sent = 0; sent < SIZE; sent += 50 * KIB) yield new Uint8Array(50 * KIB).fill(7);
}

const isBlock = ({ query }: SeenRequest): boolean => query.get('comp') === 'block';
const isCommit = ({ query, method }: SeenRequest): boolean =>
  method === 'PUT' && query.get('comp') === 'blocklist';
const isAside = ({ method, path, query }: SeenRequest): boolean =>
  method === 'PUT' && path.includes('/.fieldfile/') && !query.has('comp');
const isCopy = ({ method, path }: SeenRequest): boolean => method === 'PUT' && path.endsWith('/old');

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

/** Requests that are about what is staged aside, and nothing else. */
const ASIDE: [string, (request: SeenRequest) => boolean][] = [
  ['what reserves the place aside', isAside],
  ['a block', isBlock],
  ['the commit aside', isCommit],
];

describe.each(UNANSWERED)('a replacement by a stream, $kind $status', fault => {
  test.each(ASIDE)('to %s: nothing was replaced, and it says so', async (_, fits) => {
    for (const ifMatch of [undefined, (await storage.info('old')).version]) {
      proxy.plan = request => (fits(request) ? fault : undefined);
      const applied = await appliedOf(storage.replace('old', stream(), ifMatch ? { ifMatch } : {}));
      proxy.heal();
      await using opened = await storage.open('old');
      expect([applied, await opened.text()]).toEqual([false, 'old']);
    }
  });

  test('to the copy in its place: nobody knows, unless it is found', async () => {
    proxy.plan = request => (isCopy(request) ? fault : undefined);
    expect(['unknown', 'done']).toContain(await appliedOf(storage.replace('old', stream())));
  });
});

test('a replacement by bytes is not known to be done where it is given up without an answer', async () => {
  const stop = new AbortController();
  proxy.plan = request => {
    if (!isCopy(request)) return undefined;
    void setTimeout(20).then(() => stop.abort());
    return { kind: 'blackhole' };
  };
  const error = await storage.replace('old', 'new', { signal: stop.signal }).catch(caught => caught);
  expect(error).toMatchObject({ code: 'aborted', applied: 'unknown' });
});

test.each(ASIDE)(
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
