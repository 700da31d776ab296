import { getEventListeners } from 'node:events';
import type { ContainerClient } from '@azure/storage-blob';
import { ContainerClient as Client, StorageSharedKeyCredential } from '@azure/storage-blob';
import { isFieldFileError } from '@fieldfile/storage';
import { type Azurite, makeContainer, startAzurite } from '@fieldfile/test-servers/azurite';
import { type Fault, FaultProxy } from '@fieldfile/test-servers/fault-proxy';
import { load } from '@fieldfile/test-servers/load';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { residueOf } from '../test/container.ts';
import { openRequests } from '../test/open-requests.ts';
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

async function* stream(byte = 5): AsyncGenerator<Uint8Array> {
  for (let sent = 0; sent < SIZE; sent += 50 * KIB) yield new Uint8Array(50 * KIB).fill(byte);
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
  const listed = await Array.fromAsync(direct().list(), ({ name, sizeBytes }) => ({ name, sizeBytes }));
  expect(await residueOf(container)).toEqual([]);
  if (typeof outcome === 'string') {
    expect(listed).toEqual([{ name: outcome, sizeBytes: SIZE }]);
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

const bytesOf = async (storage: AzureStorage, name: string): Promise<Uint8Array> => {
  await using opened = await storage.open(name);
  return await opened.bytes();
};

/** What changes something, beside saving. Each is done once however often its answers are lost. */
const CHANGES: Readonly<Record<string, (storage: AzureStorage) => Promise<unknown>>> = {
  'replacing by bytes': storage => storage.replace('a.bin', new Uint8Array(SIZE).fill(6)),
  'replacing by a stream of known length': storage =>
    storage.replace('a.bin', stream(6), { sizeBytes: SIZE }),
  'replacing by a stream of unknown length': storage => storage.replace('a.bin', stream(6)),
  copying: storage => storage.copy('a.bin', 'b.bin'),
  'copying with another type': storage => storage.copy('a.bin', 'b.bin', { contentType: 'image/png' }),
  deleting: storage => storage.delete('a.bin'),
  'deleting many': storage => storage.deleteMany(['a.bin', 'missing']),
};

/** What each leaves when it was done, by name and first byte. */
const DONE: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  copying: { 'a.bin': 5, 'b.bin': 5 },
  'copying with another type': { 'a.bin': 5, 'b.bin': 5 },
  deleting: {},
  'deleting many': {},
};

test.each(Object.entries(CHANGES))(
  '%s is done, or fails and leaves nothing half-done, whichever answer is lost',
  async (kind, change) => {
    const storage = open();
    for (let lost = 1; ; lost++) {
      for await (const { name } of direct().list()) await direct().delete(name);
      await direct().save('a.bin', new Uint8Array(SIZE).fill(5));
      proxy.once(() => true, { kind: 'lost-answer' }, lost);
      const failure = await change(storage).then(
        () => undefined,
        error => error,
      );
      const wasStruck = proxy.struck > 0;
      proxy.heal();
      expect(await residueOf(container)).toEqual([]);
      const left: Record<string, number | undefined> = {};
      for await (const { name } of direct().list()) {
        const bytes = await bytesOf(direct(), name);
        expect(bytes.byteLength).toBe(SIZE);
        expect(bytes.every(byte => byte === bytes[0])).toBe(true);
        left[name] = bytes[0];
      }
      const done = DONE[kind] ?? { 'a.bin': 6 };
      if (failure === undefined) expect(left).toEqual(done);
      else {
        expect(isFieldFileError(failure, 'backend')).toBe(true);
        // A one-shot stream is not sent twice; what was refused by the lost answer's own outcome is told.
        expect(failure.applied).not.toBe(true);
        if (failure.applied === false) expect([{ 'a.bin': 5 }, {}]).toContainEqual(left);
      }
      if (!wasStruck) return;
    }
  },
);

test('a service that never answers what it did is a timeout, and nothing is left when it was undone', async () => {
  const storage = open({ timeout: 0.2, retry: { attempts: 1, baseDelayMs: 0 } });
  proxy.once(({ method }) => method === 'PUT', { kind: 'no-answer' });
  // The write id tells that it was done.
  expect(await storage.save('a.bin', 'x')).toBe('a.bin');
  expect(proxy.struck).toBe(1);
  expect(await openRequests()).toBe(0);
});

test('a slow connection is waited for as long as something arrives', async () => {
  const storage = open({ timeout: 0.5, retry: { attempts: 1 } });
  await direct().save('a.bin', new Uint8Array(SIZE).fill(5));
  proxy.plan = () => ({ kind: 'trickle', pieceBytes: 20 * KIB, pauseMs: 40 });
  expect((await bytesOf(storage, 'a.bin')).every(byte => byte === 5)).toBe(true);
  expect(proxy.struck).toBeGreaterThan(0);
});

test('a connection that stalls in mid-download is a timeout', async () => {
  await direct().save('a.bin', new Uint8Array(SIZE).fill(5));
  // Of its own: one that stalls holds its connection to the service.
  await using stalling = await FaultProxy.start(new URL(azurite.url).origin);
  stalling.plan = () => ({ kind: 'trickle', pieceBytes: 20 * KIB, pauseMs: 1_000_000 });
  const through = `${stalling.endpoint}/${azurite.accountName}`;
  const storage = open({ endpoint: through, timeout: 0.3, retry: { attempts: 1 } });
  await expect(bytesOf(storage, 'a.bin')).rejects.toMatchObject({ code: 'timeout' });
});

const DOWNLOADS = load({ test: 100, ci: 1000, deep: 1000 });

test(`${DOWNLOADS} abandoned downloads leave no listener and no socket`, async () => {
  const storage = direct();
  await storage.save('a.bin', new Uint8Array(SIZE).fill(5));
  const { signal } = new AbortController();
  for (let download = 0; download < DOWNLOADS; download++) {
    await using opened = await storage.open('a.bin', { signal });
    if (download % 2 === 0) await opened.stream.getReader().read();
  }
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  expect(await openRequests()).toBe(0);
});

test('a block that broke off, or was refused, goes up once more: nothing of a stream is lost', async () => {
  const storage = open({ concurrency: 3 });
  const isBlock = ({ query }: { readonly query: URLSearchParams }): boolean => query.get('comp') === 'block';
  const faults: readonly Fault[] = [
    { kind: 'reset-upload', afterBytes: 50 * KIB },
    { kind: 'lost-answer' },
    { kind: 'status', status: 503, code: 'ServerBusy', retryAfterSeconds: 0 },
  ];
  for (const fault of faults)
    for (const nth of [1, 3, 5]) {
      proxy.once(isBlock, fault, nth);
      expect(await savesOnceOrNothing(storage, 'a stream of unknown length')).toBe('saved');
      expect(proxy.struck).toBe(1);
    }
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
  const calls = [
    () => storage.save('a', 'x'),
    () => storage.save('a', stream()),
    () => storage.replace('a', 'x'),
    () => storage.copy('a', 'b'),
    () => storage.delete('a'),
    () => storage.deleteMany(['a']),
    () => storage.exists('a'),
    () => storage.open('a'),
    () => storage.listdir(),
  ];
  for (const call of calls)
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
