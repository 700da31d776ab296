import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { AzureStorageOptions } from './options.ts';
import { AzureStorage } from './storage.ts';

const KEY = Buffer.from('an account key that nobody may see').toString('base64');
const GOOD = { azureContainer: 'media', accountName: 'example', accountKey: KEY };

const bad: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ['azureContainer', { azureContainer: undefined }],
  ['azureContainer', { azureContainer: 'Media' }],
  ['azureContainer', { azureContainer: 'a' }],
  ['azureContainer', { azureContainer: 'a--b' }],
  ['azureContainer', { azureContainer: 'media/../other' }],
  ['accountName', { accountName: undefined }],
  ['accountName', { accountName: 'Example.com' }],
  ['accountKey', { accountKey: '' }],
  ['accountKey and sasToken', { sasToken: 'sv=1&sig=secret' }],
  ['connectionString', { connectionString: 'AccountKey=secret', accountKey: undefined }],
  ['tokenCredential', { tokenCredential: {}, accountKey: undefined }],
  ['endpoint', { endpoint: 'https://host/?sig=secret' }],
  ['endpoint', { endpoint: 'ftp://host/' }],
  ['client', { client: {} }],
  ['customDomain', { customDomain: 'javascript:alert(1)' }],
  ['customDomain', { customDomain: 'user@host' }],
  ['customDomain', { customDomain: 'https://host/?a' }],
  ['expiryStepSeconds', { expiryStepSeconds: 0 }],
  ['blockSizeBytes', { blockSizeBytes: 0 }],
  ['blockSizeBytes', { blockSizeBytes: 5e9 }],
  ['concurrency', { concurrency: 1.5 }],
  ['maxSingleShotBytes', { maxSingleShotBytes: Number.NaN }],
  ['timeout', { timeout: 0 }],
  ['timeout', { timeout: Number.POSITIVE_INFINITY }],
  ['listOrder', { listOrder: 'random' }],
  ['location', { location: '/media' }],
  ['location', { location: 'a/../b' }],
];

describe('options', () => {
  test.each(bad)('refuse %s of %j, naming it and the fix', (option, changes) => {
    const construct = (): unknown => new AzureStorage({ ...GOOD, ...changes } as AzureStorageOptions);
    expect(construct).toThrow(
      expect.objectContaining({
        code: 'invalid-argument',
        message: expect.stringMatching(`${option}.*: \\w+`),
      }),
    );
    expect(construct).not.toThrow(/secret/);
  });

  test('name the account, its suffix and its container', () => {
    const id = (options: AzureStorageOptions): string => new AzureStorage(options).id;
    expect(id(GOOD)).toBe('azure:https://example.blob.core.windows.net/media');
    expect(id({ ...GOOD, azureSsl: false, endpointSuffix: 'core.chinacloudapi.cn' })).toBe(
      'azure:https://example.blob.core.chinacloudapi.cn/media',
    );
    expect(id({ ...GOOD, endpoint: 'https://media.internal/' })).toBe('azure:https://media.internal/media');
    expect(id({ ...GOOD, location: 'users/' })).toBe(
      'azure:https://example.blob.core.windows.net/media/users',
    );
    const connectionString = `DefaultEndpointsProtocol=https;AccountName=example;AccountKey=${KEY};EndpointSuffix=core.windows.net`;
    expect(id({ azureContainer: 'media', connectionString })).toBe(
      'azure:https://example.blob.core.windows.net/media',
    );
    expect(id({ azureContainer: 'media', accountName: 'example', sasToken: '?sv=1&sig=secret' })).toBe(
      'azure:https://example.blob.core.windows.net/media',
    );
  });

  test('are not shown where they are secret', () => {
    for (const options of [
      GOOD,
      { azureContainer: 'media', accountName: 'example', sasToken: 'sv=1&sig=secret' },
      {
        azureContainer: 'media',
        connectionString: `DefaultEndpointsProtocol=https;AccountName=example;AccountKey=${KEY};EndpointSuffix=core.windows.net`,
      },
      {
        azureContainer: 'media',
        connectionString:
          'BlobEndpoint=https://example.blob.core.windows.net/;SharedAccessSignature=sv=1&sig=secret',
      },
    ]) {
      const storage = new AzureStorage({ ...options, location: 'users' });
      const shown = inspect([storage, storage.backend, JSON.stringify(storage)], { depth: 20 });
      expect(shown).not.toContain(KEY);
      expect(shown).not.toContain('secret');
    }
  });

  test('know the order of the service, of the emulator, and what they are told', () => {
    const order = (options: AzureStorageOptions): string => new AzureStorage(options).backend.listOrder;
    expect(order(GOOD)).toBe('utf-8');
    expect(
      order({
        ...GOOD,
        accountName: 'devstoreaccount1',
        endpoint: 'http://127.0.0.1:10000/devstoreaccount1',
      }),
    ).toBe('utf-16');
    expect(order({ ...GOOD, listOrder: 'preorder' })).toBe('preorder');
  });
});
