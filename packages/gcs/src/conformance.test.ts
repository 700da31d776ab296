import { setImmediate as turn } from 'node:timers/promises';
import { storageContract } from '@fieldfile/conformance/storage';
import { Storage } from '@fieldfile/storage';
import { FaultProxy } from '@fieldfile/test-servers/fault-proxy';
import { type GcsServer, startGcsServer } from '@fieldfile/test-servers/gcs';
import { connect } from '@fieldfile/test-servers/gcs-client';
import { storageLoad } from '@fieldfile/test-servers/load';
import { afterAll, describe, test } from 'vitest';
import { type GivenService, givenService } from '../test/given-service.ts';
import { GcsBackend } from './backend.ts';

const MiB = 1024 * 1024;
// Two parts are in memory: one under way, one being read.
const maxAheadBytes = 17 * MiB;

const given = givenService();
if (given) onGivenService(given);
else await onOwnServer();

async function onOwnServer(): Promise<void> {
  const server = await startGcsServer({ requireAuthorization: true });
  afterAll(() => server.close());
  let buckets = 0;
  storageContract({
    name: 'gcs',
    test,
    describe,
    ...storageLoad,
    async create() {
      const bucketName = `contract-${++buckets}`;
      const client = await connect(server);
      await client.createBucket(bucketName);
      const open = async (token?: string): Promise<GcsBackend> =>
        new GcsBackend({ bucketName, client: await connect(server, token) });
      const backend = new GcsBackend({ bucketName, client });
      const opened = [backend];
      const { pendingUploads } = server;
      const proxies: FaultProxy[] = [];
      const storageOf = (one: GcsBackend): Storage => {
        opened.push(one);
        return new Storage(one);
      };
      return {
        storage: new Storage(backend),
        residue: async () => {
          const [parts] = await client.bucket(bucketName).getFiles({ prefix: '.fieldfile/' });
          const uploads = Array.from({ length: server.pendingUploads - pendingUploads }, () => 'an upload');
          return [...uploads, ...parts.map(({ name }) => name)];
        },
        sockets: async () => {
          await turn(); // a connection is given back in the turn after its last byte
          return backend.socketsInUse;
        },
        reopen: async () => storageOf(await open()),
        forbidden: async () => storageOf(await open('wrong')),
        async astray() {
          const page = await FaultProxy.startPage();
          proxies.push(page);
          return storageOf(
            new GcsBackend({ bucketName, client: await connect(server, undefined, page.endpoint) }),
          );
        },
        async faltering(nth, how) {
          const proxy = await FaultProxy.startFaltering(server.endpoint, nth, how);
          proxies.push(proxy);
          const retry = { baseDelayMs: 1 };
          const one = new GcsBackend({
            bucketName,
            client: await connect(server, undefined, proxy.endpoint),
            retry,
          });
          opened.push(one);
          return { storage: new Storage(one, { retry }), hasFaltered: () => proxy.struck > 0 };
        },
        giving: async objectParameters => storageOf(new GcsBackend({ bucketName, client, objectParameters })),
        fetch: request => fetch(request),
        plant: name => plant(server, bucketName, name),
        dispose: async () => {
          for (const one of opened) await one.close();
          for (const proxy of proxies) await proxy[Symbol.asyncDispose]();
          await client.bucket(bucketName).deleteFiles({ force: true });
          await client.bucket(bucketName).delete();
        },
      };
    },
    maxAheadBytes,
    secrets: [server.accessToken, server.credentials.private_key, 'PRIVATE KEY', 'upload_id'],
  });
}

/** By the service's own interface: the package would refuse some names. */
async function plant(server: GcsServer, bucketName: string, name: string): Promise<void> {
  const url = `${server.endpoint}/upload/storage/v1/b/${bucketName}/o?uploadType=media&name=${encodeURIComponent(name)}`;
  const headers = { authorization: `Bearer ${server.accessToken}` };
  const { status } = await fetch(url, { method: 'POST', headers, body: 'planted' });
  if (status !== 200) throw new Error(`${name} was answered ${status}.`);
}

function onGivenService({ endpoint, subject }: GivenService): void {
  storageContract({
    name: `gcs on ${endpoint}`,
    test,
    describe,
    ...storageLoad,
    create: subject,
    maxAheadBytes,
    secrets: ['upload_id'],
  });
}
