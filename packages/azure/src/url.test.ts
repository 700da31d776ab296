import { readFileSync } from 'node:fs';
import { get } from 'node:https';
import { fileURLToPath } from 'node:url';
import { ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { canPublishUrls, canSignUploads, canSignUrls } from '@fieldfile/storage';
import { type Azurite, startAzurite } from '@fieldfile/test-servers/azurite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AzureStorageOptions, TokenCredential } from './options.ts';
import { AzureStorage } from './storage.ts';

const KEY = Buffer.from('a key').toString('base64');
const GOOD = { azureContainer: 'media', accountName: 'example', accountKey: KEY };

describe('addresses', () => {
  test.each([
    [undefined, 'https://example.blob.core.windows.net/media/a%20b/100%25%20%2B%23%3F.png'],
    ['media.example.com', 'https://media.example.com/media/a%20b/100%25%20%2B%23%3F.png'],
    ['example.com/files', 'https://example.com/files/media/a%20b/100%25%20%2B%23%3F.png'],
    ['example.com:8443/files/', 'https://example.com:8443/files/media/a%20b/100%25%20%2B%23%3F.png'],
    ['https://cdn.example.com/m/', 'https://cdn.example.com/m/a%20b/100%25%20%2B%23%3F.png'],
  ])('on the domain %s', async (customDomain, url) => {
    const storage = new AzureStorage({ ...GOOD, ...(customDomain ? { customDomain } : {}) });
    expect(storage.publicUrl('a b/100% +#?.png')).toBe(url);
    expect(await storage.signedUrl('a b/100% +#?.png', { expiresInSeconds: 60 })).toMatch(`${url}?sv=`);
  });

  test('are below the location', () => {
    const storage = new AzureStorage({ ...GOOD, location: 'users' });
    expect(storage.publicUrl('a.png')).toBe('https://example.blob.core.windows.net/media/users/a.png');
  });

  test('carry no signature of the client', async () => {
    const storage = new AzureStorage({
      azureContainer: 'media',
      accountName: 'example',
      sasToken: 'sv=1&sig=secret',
    });
    expect(storage.publicUrl('a.png')).toBe('https://example.blob.core.windows.net/media/a.png');
    await expect(storage.signedUrl('a.png', { expiresInSeconds: 60 })).rejects.toMatchObject({
      code: 'unsupported',
    });
  });

  test.each([
    ['endpoint', { endpoint: 'https://user:hunter2@example.blob.core.windows.net' }],
    [
      'connection string',
      {
        accountName: undefined,
        accountKey: undefined,
        connectionString: `DefaultEndpointsProtocol=https;AccountName=example;AccountKey=${KEY};BlobEndpoint=https://user:hunter2@example.blob.core.windows.net`,
      },
    ],
    ['domain', { customDomain: 'https://user:hunter2@example.blob.core.windows.net/media' }],
  ])('have nothing of a password in the %s', async (_, options) => {
    const storage = new AzureStorage({ ...GOOD, ...options } as AzureStorageOptions);
    const expected = 'https://example.blob.core.windows.net/media/a.png';
    expect(storage.publicUrl('a.png')).toBe(expected);
    const soon = { expiresInSeconds: 60 };
    for (const url of [
      await storage.signedUrl('a.png', soon),
      (await storage.signedUpload('a.png', soon)).url,
    ])
      expect(url.replace(/\?.*/, '')).toBe(expected);
  });

  test('stay the same for as long as expiryStepSeconds says', async () => {
    const storage = new AzureStorage({ ...GOOD, expiryStepSeconds: 86_400 });
    const sign = (): Promise<string> => storage.signedUrl('a.png', { expiresInSeconds: 60 });
    const expiry = new URL(await sign()).searchParams.get('se');
    expect(expiry).toMatch(/T00:00:00Z$/);
  });

  test('of downloads name a file that any browser understands', async () => {
    const storage = new AzureStorage(GOOD);
    const url = await storage.signedUrl('a.txt', { expiresInSeconds: 60, download: 'größe "1".txt' });
    expect(new URL(url).searchParams.get('rscd')).toBe(
      `attachment; filename="gr__e _1_.txt"; filename*=UTF-8''gr%C3%B6%C3%9Fe%20%221%22.txt`,
    );
  });
});

describe('signed uploads', () => {
  const GIVEN = {
    contentDisposition: 'inline',
    contentEncoding: 'br',
    contentLanguage: 'de',
    tier: 'Cool',
    tags: { kind: 'an image', label: 'a=b' },
  };

  test('give the object everything that a save gives', async () => {
    await using azurite = await startAzurite();
    const options = {
      azureContainer: 'given',
      endpoint: azurite.url,
      accountName: azurite.accountName,
      accountKey: azurite.accountKey,
      cacheControl: 'max-age=77',
      objectParameters: (name: string) => (name.startsWith('images/') ? GIVEN : {}),
    };
    const storage = new AzureStorage(options);
    const credential = new StorageSharedKeyCredential(azurite.accountName, azurite.accountKey);
    const container = new ContainerClient(`${azurite.url}/given`, credential);
    await container.create();
    const saved = await storage.save('images/saved.png', '1234');
    const { url, method, headers } = await storage.signedUpload('images/uploaded.png', {
      expiresInSeconds: 60,
      contentType: 'image/png',
    });
    expect((await fetch(url, { method, headers, body: '1234' })).status).toBe(201);
    const tell = async (name: string): Promise<object> => {
      const blob = container.getBlobClient(name);
      const found = await blob.getProperties();
      const { cacheControl, contentType, contentDisposition, contentEncoding, contentLanguage } = found;
      const { accessTier } = found;
      const { tags } = await blob.getTags();
      return {
        cacheControl,
        contentType,
        contentDisposition,
        contentEncoding,
        contentLanguage,
        accessTier,
        tags,
      };
    };
    expect(await tell('images/uploaded.png')).toEqual(await tell(saved));
    expect(await tell(saved)).toMatchObject({
      cacheControl: 'max-age=77',
      accessTier: 'Cool',
      tags: GIVEN.tags,
    });
  });

  test('may set tags where there are any, and are bound to an encryption scope', async () => {
    const sign = async (objectParameters: object): Promise<URLSearchParams> => {
      const storage = new AzureStorage({ ...GOOD, objectParameters });
      return new URL((await storage.signedUpload('a.png', { expiresInSeconds: 60 })).url).searchParams;
    };
    expect((await sign({ tags: { a: 'b' } })).get('sp')).toBe('ct');
    const scoped = await sign({ encryptionScope: 'scope-1' });
    expect([scoped.get('sp'), scoped.get('ses')]).toEqual(['c', 'scope-1']);
  });
});

describe('signed by a token', () => {
  const file = (name: string): string => fileURLToPath(new URL(`../test/${name}`, import.meta.url));
  const certPath = file('loopback-cert.pem');
  const ca = readFileSync(certPath, 'utf8');
  let azurite: Azurite;
  let container: ContainerClient;
  let storage: AzureStorage;
  let delegationKeys = 0;

  beforeAll(async () => {
    azurite = await startAzurite({ certificate: { certPath, keyPath: file('loopback-key.pem') } });
    const clientOptions = { tlsOptions: { ca }, retryOptions: { maxTries: 1 } } as object;
    container = new ContainerClient(`${azurite.url}/tokens`, credential, clientOptions);
    await container.create();
    storage = new AzureStorage({ client: container, listOrder: 'utf-16' });
  });

  afterAll(() => azurite?.[Symbol.asyncDispose]());

  test('a download is served, and the key that signs is asked for once', async () => {
    const { BlobServiceClient } = await import('@azure/storage-blob');
    const original = BlobServiceClient.prototype.getUserDelegationKey;
    BlobServiceClient.prototype.getUserDelegationKey = function (this: object, ...given: unknown[]) {
      delegationKeys++;
      return Reflect.apply(original, this, given);
    } as typeof original;
    try {
      await storage.save('größe 1.txt', 'hello');
      const urls = await Promise.all(
        [60, 3600, 604_800].map(expiresInSeconds => storage.signedUrl('größe 1.txt', { expiresInSeconds })),
      );
      for (const url of urls) expect(await download(url)).toBe('hello');
      expect(await download(urls[0]?.replace(/sig=.{4}/, 'sig=AAAA') ?? '')).toMatch(
        /AuthenticationFailed|Authorization/,
      );
      expect(delegationKeys).toBe(1);
    } finally {
      BlobServiceClient.prototype.getUserDelegationKey = original;
    }
  });

  test('an expiry beyond seven days is refused', async () => {
    await expect(storage.signedUrl('a.txt', { expiresInSeconds: 604_801 })).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining('604800'),
    });
  });

  test('a copy stays on the service', async () => {
    await storage.save('copy/a.txt', 'hello', { metadata: { author: 'Jörg' } });
    const copy = await storage.copy('copy/a.txt', 'copy/b.txt');
    expect((await storage.info(copy)).metadata).toEqual({ author: 'Jörg' });
  });

  test('a token that is refused says so', async () => {
    const refused: TokenCredential = {
      getToken: async () => ({ ...(await token('https://elsewhere')), token: 'no' }),
    };
    const client = new ContainerClient(`${azurite.url}/tokens`, refused, { tlsOptions: { ca } } as object);
    await expect(new AzureStorage({ client }).exists('a.txt')).rejects.toMatchObject({ code: 'permission' });
    const none: TokenCredential = {
      getToken: () =>
        Promise.reject(Object.assign(new Error('no identity'), { name: 'CredentialUnavailableError' })),
    };
    const without = new ContainerClient(`${azurite.url}/tokens`, none, { tlsOptions: { ca } } as object);
    await expect(new AzureStorage({ client: without }).exists('a.txt')).rejects.toMatchObject({
      code: 'permission',
    });
  });

  function download(url: string): Promise<string> {
    return new Promise((resolve, reject) => {
      get(url, { ca }, response => {
        let text = '';
        response.setEncoding('utf8').on('data', chunk => {
          text += chunk;
        });
        response.on('end', () => resolve(text));
      }).on('error', reject);
    });
  }
});

/** What the emulator reads of a token: it verifies no signature. */
async function token(audience: string): Promise<{ token: string; expiresOnTimestamp: number }> {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    aud: audience,
    iss: 'https://sts.windows.net/tenant/',
    iat: now,
    nbf: now - 60,
    exp: now + 3600,
    oid: 'user',
    tid: 'tenant',
  };
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return { token: `${part({ alg: 'none' })}.${part(claims)}.x`, expiresOnTimestamp: (now + 3600) * 1000 };
}

const credential: TokenCredential = { getToken: () => token('https://storage.azure.com') };

test('what a storage can do depends on its credentials, and one call gives its URL', async () => {
  const { accountKey: _, ...account } = GOOD;
  const guards = [canPublishUrls, canSignUrls, canSignUploads];
  const shared = new AzureStorage({ ...account, sasToken: 'sv=1&sig=secret' });
  expect(guards.map(can => can(shared))).toEqual([true, false, false]);
  expect(await shared.url('a.png', { expiresInSeconds: 60 })).toBe(shared.publicUrl('a.png'));
  expect(() => new AzureStorage({ ...account, sasToken: 'sv=1', urls: 'signed' })).toThrow(
    expect.objectContaining({ code: 'invalid-argument' }),
  );
  const signing = new AzureStorage(GOOD);
  expect(guards.map(can => can(signing))).toEqual([true, true, true]);
  expect(await signing.url('a.png')).toMatch(`${signing.publicUrl('a.png')}?sv=`);
  const open = new AzureStorage({ ...GOOD, urls: 'public' });
  expect(await open.url('a.png', { expiresInSeconds: 60 })).toBe(open.publicUrl('a.png'));
});
