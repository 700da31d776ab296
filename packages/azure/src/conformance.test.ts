import { storageContract } from '@fieldfile/conformance';
import { afterAll, describe, test } from 'vitest';
import { makeContainer, residueOf } from '../test/container.ts';
import { openRequests } from '../test/open-requests.ts';
import { startAzurite } from '../test/start-azurite.ts';
import { AzureStorage } from './storage.ts';

const azurite = await startAzurite();
afterAll(() => azurite[Symbol.asyncDispose]());

storageContract({
  name: 'azure',
  test,
  describe,
  async create() {
    const container = await makeContainer(azurite);
    const { accountName, accountKey } = azurite;
    const open = (key = accountKey): AzureStorage =>
      new AzureStorage({
        azureContainer: container.containerName,
        endpoint: azurite.url,
        accountName,
        accountKey: key,
        blockSizeBytes: 2 * 1024 * 1024,
      });
    return {
      storage: open(),
      residue: () => residueOf(container),
      sockets: openRequests,
      reopen: async () => open(),
      forbidden: async () => open(Buffer.from('a key of another account').toString('base64')),
      fetch: request => fetch(request),
      dispose: async () => void (await container.delete()),
    };
  },
  secrets: [azurite.accountKey],
});
