import type { ContainerClient } from '@azure/storage-blob';
import { ContainerClient as Client, StorageSharedKeyCredential } from '@azure/storage-blob';
import { isFieldFileError } from '@fieldfile/core';
import { FaultProxy } from '@fieldfile/test-servers/fault-proxy';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeContainer, residueOf } from '../test/container.ts';
import { openRequests } from '../test/open-requests.ts';
import { type Azurite, startAzurite } from '../test/start-azurite.ts';
import type { AzureStorageOptions } from './options.ts';
import { AzureStorage } from './storage.ts';

const KIB = 1024;
const SIZE = 500 * KIB;

let azurite: Azurite;
let proxy: FaultProxy;
let container: ContainerClient;

beforeAll(async () => {
  azurite = await startAzurite();
  proxy = await FaultProxy.start(new URL(azurite.url).origin);
});
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await azurite[Symbol.asyncDispose]();
});
beforeEach(async () => {
  proxy.heal();
  container = await makeContainer(azurite);
});

const endpoint = (): string => `${proxy.endpoint}/${azurite.accountName}`;

const open = (options: Partial<AzureStorageOptions> = {}): AzureStorage =>
  new AzureStorage({
    azureContainer: container.containerName,
    endpoint: endpoint(),
    accountName: azurite.accountName,
    accountKey: azurite.accountKey,
    blockSizeBytes: 100 * KIB,
    concurrency: 1,
    retry: { baseDelayMs: 0 },
    ...options,
  });

/** Past the proxy. */
const direct = (): AzureStorage => open({ endpoint: azurite.url });

async function* stream(): AsyncGenerator<Uint8Array> {
  for (let sent = 0; sent < SIZE; sent += 50 * KIB) yield new Uint8Array(50 * KIB).fill(5);
}

const CONTENTS: Readonly<
  Record<string, () => { content: AsyncIterable<Uint8Array> | Uint8Array; sizeBytes?: number }>
> = {
  'bytes in memory': () => ({ content: new Uint8Array(SIZE).fill(5) }),
  'a stream of known length': () => ({ content: stream(), sizeBytes: SIZE }),
  'a stream of unknown length': () => ({ content: stream() }),
};

/** Done once, or a typed error with nothing left. */
async function savesOnceOrNothing(
  storage: AzureStorage,
  kind: keyof typeof CONTENTS,
): Promise<'saved' | 'failed'> {
  const { content, ...options } = CONTENTS[kind]?.() ?? { content: '' };
  const outcome = await storage
    .save('a.bin', content as AsyncIterable<Uint8Array>, options)
    .catch(error => error);
  const listed = await Array.fromAsync(direct().list(), ({ key, sizeBytes }) => ({ key, sizeBytes }));
  expect(await residueOf(container)).toEqual([]);
  if (typeof outcome === 'string') {
    expect(listed).toEqual([{ key: outcome, sizeBytes: SIZE }]);
    expect(outcome).toBe('a.bin');
    await direct().delete(outcome);
    return 'saved';
  }
  expect(isFieldFileError(outcome, 'backend', 'throttled', 'timeout')).toBe(true);
  expect(outcome.applied).toBe(false);
  expect(listed).toEqual([]);
  return 'failed';
}

describe.each(Object.keys(CONTENTS))('saving %s', kind => {
  test('survives a reset at any tenth of the way, or leaves nothing', async () => {
    const storage = open();
    for (let tenth = 0; tenth < 10; tenth++) {
      proxy.resetOnceAfter('upload', (SIZE / 10) * tenth);
      const outcome = await savesOnceOrNothing(storage, kind);
      if (kind === 'bytes in memory') expect(outcome).toBe('saved');
    }
  });

  test('is done once, or leaves nothing, whichever answer is lost', async () => {
    const storage = open();
    const outcomes: string[] = [];
    do {
      proxy.once(() => true, { kind: 'lost-answer' }, outcomes.length + 1);
      outcomes.push(await savesOnceOrNothing(storage, kind));
    } while (proxy.struck > 0);
    expect(outcomes).toContain('saved');
  });

  test('goes on, or leaves nothing, when the service is busy', async () => {
    const storage = open();
    for (let request = 1; request < 8; request++) {
      proxy.once(() => true, { kind: 'status', status: 503, code: 'ServerBusy' }, request);
      await savesOnceOrNothing(storage, kind);
    }
  });
});

test('an answer lost to a client that repeats by itself is no collision', async () => {
  const credential = new StorageSharedKeyCredential(azurite.accountName, azurite.accountKey);
  const client = new Client(`${endpoint()}/${container.containerName}`, credential, {
    retryOptions: { maxTries: 3, retryDelayInMs: 1 },
  });
  const storage = open({ client });
  for (const content of ['small', stream()]) {
    proxy.once(() => true, { kind: 'lost-answer' });
    const name = await storage.save('a.bin', content);
    expect(proxy.struck).toBe(1);
    expect(name).toBe('a.bin');
    await storage.delete(name);
  }
});

test('a download goes on after a reset at any tenth of the way', async () => {
  const storage = open();
  await storage.save('a.bin', new Uint8Array(SIZE).fill(5));
  for (let tenth = 0; tenth < 10; tenth++) {
    proxy.resetOnceAfter('download', (SIZE / 10) * tenth);
    await using opened = await storage.open('a.bin');
    expect((await opened.bytes()).every(byte => byte === 5)).toBe(true);
    expect(proxy.struck).toBe(1);
  }
  expect(await openRequests()).toBe(0);
});

test('a service that never answers is a timeout for every call', async () => {
  const storage = open({ timeout: 0.1, retry: { attempts: 1 } });
  proxy.plan = () => ({ kind: 'blackhole' });
  const calls = [
    () => storage.exists('a'),
    () => storage.open('a'),
    () => storage.listdir(),
    () => storage.delete('a'),
    () => storage.deleteMany(['a']),
    () => storage.save('a', 'x'),
    () => storage.save('a', stream()),
    () => storage.replace('a', stream(), { sizeBytes: SIZE }),
  ];
  for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'timeout', retryable: true });
  expect(await openRequests()).toBe(0);
});

test.each([503, 429])('a service that is busy (%i) says how long to wait', async status => {
  const storage = open({ retry: { attempts: 1 } });
  proxy.plan = () => ({ kind: 'status', status, code: 'ServerBusy', retryAfterSeconds: 7 });
  for (const call of [() => storage.save('a', 'x'), () => storage.exists('a'), () => storage.listdir()])
    await expect(call()).rejects.toMatchObject({ code: 'throttled', retryable: true, retryAfterSeconds: 7 });
});

test('aborting while the service is silent ends soon', async () => {
  const storage = open();
  proxy.plan = () => ({ kind: 'blackhole' });
  const controller = new AbortController();
  const reading = storage.open('a', { signal: controller.signal });
  controller.abort();
  await expect(reading).rejects.toMatchObject({ code: 'aborted' });
});
