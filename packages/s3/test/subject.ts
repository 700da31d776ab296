import { Agent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { ListMultipartUploadsCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import type { StorageUnderTest } from '@fieldfile/conformance/storage';
import { FaultProxy } from '@fieldfile/test-servers/fault-proxy';
import type { ConditionalWrites, S3StorageOptions } from '../src/options.ts';
import { S3Storage } from '../src/storage.ts';
import type { Place } from './place.ts';

/** A storage at a place of its own whose sockets can be counted. */
export async function subject(
  place: Place,
  options: Partial<S3StorageOptions>,
  makeClient: (config: S3ClientConfig) => S3Client = config => new S3Client(config),
): Promise<StorageUnderTest> {
  const agents = [new Agent({ keepAlive: true }), new HttpsAgent({ keepAlive: true })] as const;
  const [httpAgent, httpsAgent] = agents;
  const clients: S3Client[] = [];
  const settings = { ...place.options, ...options };
  const proxies: FaultProxy[] = [];
  const open = (changes: S3ClientConfig = {}, more: Partial<S3StorageOptions> = {}): S3Storage => {
    const client = makeClient({
      ...place.client,
      ...changes,
      expectContinueHeader: false,
      requestHandler: { httpAgent, httpsAgent },
    });
    clients.push(client);
    return new S3Storage({ ...settings, ...more, client });
  };
  const storage = open();
  let found: ReturnType<S3Storage['probe']> | undefined;
  /** So that a storage need not find it out by requests of its own. */
  const proved = async (): Promise<ConditionalWrites> => {
    found ??= storage.probe();
    return settings.conditionalWrites ?? (await found).conditionalWrites;
  };
  return {
    storage,
    async residue() {
      const { location = '' } = settings;
      const { Uploads = [] } = await (clients[0] as S3Client).send(
        new ListMultipartUploadsCommand({ Bucket: settings.bucketName, Prefix: location }),
      );
      return Uploads.map(({ Key }) => `upload of ${Key}`);
    },
    async sockets() {
      const inUse = (): number => agents.flatMap(agent => Object.values(agent.sockets).flat()).length;
      // A socket that was destroyed is there until its streams have closed.
      for (let turns = 0; inUse() > 0 && turns < 100; turns++) await new Promise(setImmediate);
      return inUse();
    },
    reopen: async () => open(),
    forbidden: async () =>
      open({ credentials: { accessKeyId: 'nobody', secretAccessKey: 'another-secret-access-key' } }),
    async astray() {
      const page = await FaultProxy.startPage();
      proxies.push(page);
      const { endpoint } = page;
      return open({ endpoint }, { endpointUrl: endpoint, conditionalWrites: 'supported' });
    },
    async faltering(nth, how) {
      const proxy = await FaultProxy.startFaltering(String(place.options.endpointUrl), nth, how);
      proxies.push(proxy);
      const { endpoint } = proxy;
      const conditionalWrites = await proved();
      const retry = { baseDelayMs: 1 };
      const storage = open({ endpoint }, { endpointUrl: endpoint, conditionalWrites, retry });
      return { storage, hasFaltered: () => proxy.struck > 0 };
    },
    giving: async ({ cacheControl, contentLanguage, contentDisposition }) =>
      open(
        {},
        {
          objectParameters: {
            CacheControl: cacheControl,
            ContentLanguage: contentLanguage,
            ContentDisposition: contentDisposition,
          },
        },
      ),
    fetch: request => fetch(request),
    async dispose() {
      for (const client of clients) client.destroy();
      for (const proxy of proxies) await proxy[Symbol.asyncDispose]();
      for (const agent of agents) agent.destroy();
      await place.dispose();
    },
  };
}
