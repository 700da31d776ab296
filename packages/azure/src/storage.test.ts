import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { inspect } from 'node:util';
import { type ContainerClient, ContainerSASPermissions } from '@azure/storage-blob';
import { newWriteId } from '@fieldfile/storage/backend';
import { type Azurite, makeContainer, startAzurite } from '@fieldfile/test-servers/azurite';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { residueOf } from '../test/container.ts';
import type { AzureStorageOptions } from './options.ts';
import { AzureStorage } from './storage.ts';

const KIB = 1024;

let azurite: Azurite;
let container: ContainerClient;

beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite[Symbol.asyncDispose]());
beforeEach(async () => {
  container = await makeContainer(azurite);
});

const open = (options: Partial<AzureStorageOptions> = {}): AzureStorage =>
  new AzureStorage({
    azureContainer: container.containerName,
    endpoint: azurite.url,
    accountName: azurite.accountName,
    accountKey: azurite.accountKey,
    blockSizeBytes: 64 * KIB,
    ...options,
  });

async function* stream(seed: number, chunks: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < chunks; index++) yield new Uint8Array(50 * KIB).fill(seed);
}

async function bytes(storage: AzureStorage, name: string): Promise<Uint8Array> {
  await using opened = await storage.open(name);
  return await opened.bytes();
}

test('objects that have no name here are passed by', async () => {
  for (const name of ['folder/', 'folder/a//b', 'folder/x:y.txt'])
    await container.getBlockBlobClient(name).upload('x', 1);
  const storage = open();
  expect(await Array.fromAsync(storage.list(), ({ name }) => name)).toEqual(['folder/x:y.txt']);
  expect(await storage.listdir('folder')).toEqual({ folders: ['a'], files: ['x:y.txt'] });
});

describe('content', () => {
  test('of unknown length that concurrent replaces bring arrives whole each time', async () => {
    const storage = open();
    await storage.save('a.bin', 'old');
    await Promise.all(Array.from({ length: 8 }, (_, seed) => storage.replace('a.bin', stream(seed, 10))));
    const found = await bytes(storage, 'a.bin');
    expect(found.byteLength).toBe(500 * KIB);
    expect(found.every(byte => byte === found[0])).toBe(true);
    expect(await residueOf(container)).toEqual([]);
  });

  test('larger than one request goes up in blocks, also when it replaces', async () => {
    const storage = open({ maxSingleShotBytes: 100 * KIB, contentMd5: true });
    const content = new Uint8Array(300 * KIB).fill(7);
    const name = await storage.save('a.bin', content);
    expect((await storage.info(name)).digest).toMatchObject({ algorithm: 'md5' });
    await using opened = await storage.open(name, { verify: true });
    expect((await opened.bytes()).byteLength).toBe(content.byteLength);
    const { version } = await storage.replace(name, content.fill(8), { ifMatch: opened.info.version });
    expect((await storage.info(name)).version).toBe(version);
    expect((await bytes(storage, name)).every(byte => byte === 8)).toBe(true);
    const replacing = storage.replace(name, stream(9, 20), { ifMatch: opened.info.version });
    await expect(replacing).rejects.toMatchObject({ code: 'precondition', applied: false });
    expect(await residueOf(container)).toEqual([]);
  });

  test('is kept with its MD5 where it is one request, of any length', async () => {
    const storage = open();
    for (const size of [0, 10, 300 * KIB]) {
      const name = await storage.save(`${size}.bin`, new Uint8Array(size));
      await using opened = await storage.open(name, { verify: true });
      expect((await opened.bytes()).byteLength).toBe(size);
    }
  });
});

describe('attributes', () => {
  test('that are set for all objects, for one, or by a save', async () => {
    const storage = open({
      cacheControl: 'max-age=60',
      objectParameters: name => ({ contentLanguage: 'de', tier: name.endsWith('.old') ? 'Cool' : 'Hot' }),
    });
    await storage.save('a.png', 'x');
    await storage.save('b.old', stream(1, 3), { cacheControl: 'no-store', contentDisposition: 'attachment' });
    const a = await container.getBlobClient('a.png').getProperties();
    const b = await container.getBlobClient('b.old').getProperties();
    expect(a).toMatchObject({
      contentType: 'image/png',
      cacheControl: 'max-age=60',
      contentLanguage: 'de',
      accessTier: 'Hot',
    });
    expect(b).toMatchObject({
      contentType: 'application/octet-stream',
      cacheControl: 'no-store',
      contentDisposition: 'attachment',
      accessTier: 'Cool',
    });
  });

  test('that a copy changes, and those it keeps', async () => {
    const storage = open();
    await storage.save('a.bin', stream(1, 5), {
      contentType: 'image/png',
      cacheControl: 'no-store',
      metadata: { Über: 'ä' },
    });
    await storage.copy('a.bin', 'b.bin', { contentType: 'image/gif' });
    const properties = await container.getBlobClient('b.bin').getProperties();
    expect(properties).toMatchObject({ contentType: 'image/gif', cacheControl: 'no-store' });
    expect((await storage.info('b.bin')).metadata).toEqual({ Über: 'ä' });
    expect(await bytes(storage, 'b.bin')).toEqual(await bytes(storage, 'a.bin'));
  });

  test('that encrypt go with every request that brings bytes', async () => {
    const asked: unknown[] = [];
    const onRequest = (message: unknown): void => {
      const { request } = message as { readonly request: ClientRequest };
      if (
        request.method === 'PUT' &&
        !request.path.includes('comp=blocklist') &&
        request.path.includes('.bin')
      )
        asked.push(request.getHeader('x-ms-encryption-scope'));
    };
    const storage = open({ objectParameters: { encryptionScope: 'tenant7' } });
    subscribe('http.client.request.start', onRequest);
    try {
      await storage.save('one.bin', 'x');
      await storage.replace('one.bin', stream(1, 5), { sizeBytes: 250 * KIB });
      await storage.copy('one.bin', 'two.bin');
      expect(asked).toEqual(['tenant7', 'tenant7', 'tenant7']);
      asked.length = 0;
      await storage.save('blocks.bin', stream(1, 5));
      // The first one reserves the name.
      expect(asked.slice(1)).toEqual(['tenant7', 'tenant7', 'tenant7', 'tenant7']);
    } finally {
      unsubscribe('http.client.request.start', onRequest);
    }
  });

  test('that no header can carry are refused', async () => {
    const saving = open().save('a.txt', 'x', { contentDisposition: 'attachment; filename="ä.txt"' });
    await expect(saving).rejects.toMatchObject({ code: 'invalid-argument' });
  });
});

describe('snapshots', () => {
  const names = ['a', 'b', 'c'] as const;
  const withSnapshots = async (): Promise<void> => {
    for (const name of names) {
      await open().save(name, 'x');
      await container.getBlobClient(name).createSnapshot();
    }
  };

  test('keep an object from being deleted', async () => {
    await withSnapshots();
    await expect(open().delete('a')).rejects.toMatchObject({ code: 'conflict', applied: false });
    const failed = await open().deleteMany(['a', 'b']);
    expect([...failed.values()]).toEqual([
      expect.objectContaining({ code: 'conflict' }),
      expect.objectContaining({ code: 'conflict' }),
    ]);
  });

  test('go with the object where the storage says so', async () => {
    await withSnapshots();
    const storage = open({ deleteSnapshots: true });
    await storage.delete('a');
    expect([...(await storage.deleteMany(['b', 'c']))]).toEqual([]);
    expect(await Array.fromAsync(container.listBlobsFlat({ includeSnapshots: true }))).toEqual([]);
  });
});

describe('what is missing or forbidden', () => {
  test('is told apart: container, object, right', async () => {
    const elsewhere = open({ azureContainer: 'not-there' });
    const calls = [
      () => elsewhere.exists('a'),
      () => elsewhere.save('a', 'x'),
      () => elsewhere.open('a'),
      () => elsewhere.listdir(),
    ];
    for (const call of calls)
      await expect(call()).rejects.toMatchObject({
        code: 'not-found',
        message: expect.stringContaining('Container "not-there"'),
      });
    await expect(open().info('a')).rejects.toMatchObject({ code: 'not-found', objectName: 'a' });
    const stranger = open({ accountKey: Buffer.from('another').toString('base64') });
    await expect(stranger.exists('a')).rejects.toMatchObject({ code: 'permission' });
  });

  test('and a service that cannot be reached is an error that may pass', async () => {
    const storage = open({ endpoint: 'http://127.0.0.1:1/devstoreaccount1', retry: { attempts: 1 } });
    await expect(storage.save('a', 'x')).rejects.toMatchObject({
      code: 'backend',
      retryable: true,
      applied: false,
    });
  });

  test('and what is forbidden is another matter than wrong credentials', async () => {
    await open().save('a', 'x');
    const expiresOn = new Date(Date.now() + 60_000);
    const url = await container.generateSasUrl({
      permissions: ContainerSASPermissions.parse('r'),
      expiresOn,
    });
    const sasToken = new URL(url).search;
    const options = { azureContainer: container.containerName, endpoint: azurite.url };
    const reader = new AzureStorage({ ...options, sasToken });
    expect(await reader.exists('a')).toBe(true);
    expect(await reader.exists('missing')).toBe(false);
    const error = await reader.save('b', 'x').catch(caught => caught);
    expect(error).toMatchObject({ code: 'permission', applied: false });
    const stranger = new AzureStorage({ ...options, sasToken: sasToken.replace(/sig=.{6}/, 'sig=AAAAAA') });
    const refused = await stranger.save('b', 'x').catch(caught => caught);
    expect(refused).toMatchObject({ code: 'permission', applied: false });
    expect(refused.message).not.toBe(error.message);
    const signature = new URLSearchParams(sasToken).get('sig') ?? '';
    for (const shown of [inspect([reader, reader.backend, error, refused], { depth: 20 }), error.stack])
      for (const secret of [signature, encodeURIComponent(signature)]) expect(shown).not.toContain(secret);
  });

  test('and an error keeps neither request nor credentials', async () => {
    const error = await open({ azureContainer: 'not-there' })
      .save('a', 'x')
      .catch(caught => caught);
    expect(error.cause).toMatchObject({ statusCode: 404, code: 'ContainerNotFound' });
    expect('request' in error.cause).toBe(false);
  });
});

describe('names', () => {
  test("below a location, and the storage's own apart from them", async () => {
    const storage = open({ location: 'tenants/7' });
    await storage.save('a.txt', 'x');
    await expect(storage.info('a/'.repeat(300).concat('b'))).rejects.toMatchObject({ code: 'name-too-long' });
    await storage[Symbol.asyncDispose]();
    await container.getBlockBlobClient('.fieldfile/left').upload('x', 1);
    expect(await open().listdir()).toEqual({ folders: ['tenants'], files: [] });
    expect(await Array.fromAsync(open().list(), ({ name }) => name)).toEqual(['tenants/7/a.txt']);
    await expect(open().save('.fieldfile/a', 'x')).rejects.toMatchObject({ code: 'suspicious-name' });
  });

  test('of many deleted at once, odd ones and missing ones among them', async () => {
    const storage = open();
    const names = ['a b+c#d?e%f&g.txt', 'größe/写真 \u{1f600}.txt', `it's "quoted"`, '%2e%2e', 'plain'];
    for (const name of names) await storage.save(name, 'x');
    const more = Array.from({ length: 300 }, (_, index) => `missing/${index}`);
    expect([...(await storage.deleteMany([...names, ...more, 'plain']))]).toEqual([]);
    expect(await Array.fromAsync(storage.list())).toEqual([]);
  });

  test('that another write only holds are neither found nor taken back for it', async () => {
    const storage = open();
    const gate = Promise.withResolvers<void>();
    const reserved = Promise.withResolvers<void>();
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield* stream(1, 5);
      reserved.resolve();
      await gate.promise;
    }
    const saving = storage.save('a.bin', slow());
    await reserved.promise;
    expect(await storage.exists('a.bin')).toBe(false);
    expect(await storage.listdir()).toEqual({ folders: [], files: [] });
    await expect(storage.open('a.bin')).rejects.toMatchObject({ code: 'not-found' });
    await expect(storage.open('a.bin', { start: 5 })).rejects.toMatchObject({ code: 'not-found' });
    await expect(storage.copy('a.bin', 'b.bin')).rejects.toMatchObject({ code: 'not-found' });
    expect(await storage.undo('a.bin', newWriteId())).toBe('foreign');
    gate.resolve();
    expect(await saving).toBe('a.bin');
    expect((await bytes(storage, 'a.bin')).byteLength).toBe(250 * KIB);
  });

  test('taken away during an upload make it a conflict that leaves nothing', async () => {
    const storage = open();
    async function* overtaken(): AsyncGenerator<Uint8Array> {
      yield* stream(1, 5);
      await storage.replace('a.bin', 'mine');
    }
    await expect(storage.save('a.bin', overtaken())).rejects.toMatchObject({ code: 'conflict' });
    expect(new TextDecoder().decode(await bytes(storage, 'a.bin'))).toBe('mine');
  });
});
