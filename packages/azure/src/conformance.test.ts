import { storageContract } from '@fieldfile/conformance/storage';
import { startAzurite } from '@fieldfile/test-servers/azurite';
import { FaultProxy } from '@fieldfile/test-servers/fault-proxy';
import { storageLoad } from '@fieldfile/test-servers/load';
import { afterAll, describe, test } from 'vitest';
import { openRequests } from '../test/open-requests.ts';
import { givenAccount, ownPlace } from '../test/place.ts';
import type { AzureStorageOptions } from './options.ts';
import { AzureStorage } from './storage.ts';

const given = givenAccount();
const azurite = given ? undefined : await startAzurite();
afterAll(() => azurite?.[Symbol.asyncDispose]());

storageContract({
  name: given ? 'azure, the account that is given' : 'azure',
  test,
  describe,
  ...storageLoad,
  async create() {
    const place = azurite ? await ownPlace(azurite) : await given?.place();
    if (!place) throw new Error('There is neither an emulator nor an account.');
    const pages: FaultProxy[] = [];
    const open = (changes: Partial<AzureStorageOptions> = {}): AzureStorage =>
      new AzureStorage({ ...place.options, blockSizeBytes: 2 * 1024 * 1024, ...changes });
    return {
      storage: open(),
      residue: place.residue,
      sockets: openRequests,
      reopen: async () => open(),
      forbidden: async () => open({ accountKey: Buffer.from('a key of another account').toString('base64') }),
      async astray() {
        const page = await FaultProxy.startPage();
        pages.push(page);
        return open({ endpoint: `${page.endpoint}/${place.options.accountName}` });
      },
      fetch: request => fetch(request),
      async dispose() {
        for (const page of pages) await page[Symbol.asyncDispose]();
        await place.dispose();
      },
    };
  },
  secrets: [given?.accountKey ?? azurite?.accountKey ?? ''],
});
