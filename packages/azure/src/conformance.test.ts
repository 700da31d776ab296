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
  lacks: given
    ? {}
    : { 'drops-overtaken-parts': 'azurite keeps blocks beside a blob that was put over them' },
  async create() {
    const place = azurite ? await ownPlace(azurite) : await given?.place();
    if (!place) throw new Error('There is neither an emulator nor an account.');
    const proxies: FaultProxy[] = [];
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
        proxies.push(page);
        return open({ endpoint: `${page.endpoint}/${place.options.accountName}` });
      },
      async faltering(nth, how) {
        const { origin, pathname } = new URL(String(place.options.endpoint));
        const proxy = await FaultProxy.startFaltering(origin, nth, how);
        proxies.push(proxy);
        const storage = open({ endpoint: `${proxy.endpoint}${pathname}`, retry: { baseDelayMs: 1 } });
        return { storage, hasFaltered: () => proxy.struck > 0 };
      },
      giving: async objectParameters => open({ objectParameters }),
      fetch: request => fetch(request),
      async dispose() {
        for (const proxy of proxies) await proxy[Symbol.asyncDispose]();
        await place.dispose();
      },
    };
  },
  secrets: [given?.accountKey ?? azurite?.accountKey ?? ''],
});
