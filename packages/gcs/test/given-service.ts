import { generateKeyPairSync } from 'node:crypto';
import { Agent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { StorageUnderTest } from '@fieldfile/conformance/storage';
import { newWriteId } from '@fieldfile/storage/backend';
import { Storage as Client, type StorageOptions } from '@google-cloud/storage';
import { GcsStorage } from '../src/storage.ts';

const GOOGLE = 'https://storage.googleapis.com';

const SIGNER = {
  client_email: 'signer@example.iam.gserviceaccount.com',
  private_key: generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString(),
};

/** A service that runs elsewhere. */
export interface GivenService {
  readonly endpoint: string;
  /** An emulator lets everybody in and has nobody who signs. */
  readonly isEmulator: boolean;
  /** A storage below a folder of its own in the bucket, which is made when it is missing. */
  subject(): Promise<StorageUnderTest>;
}

/**
 * What `FIELDFILE_TEST_GCS_ENDPOINT`, `_BUCKET` and `_PROJECT` name; undefined without the first. Google's own is spoken to
 * with what credentials the SDK finds, any other endpoint with none.
 */
export function givenService(env: NodeJS.ProcessEnv = process.env): GivenService | undefined {
  const {
    FIELDFILE_TEST_GCS_ENDPOINT: apiEndpoint,
    FIELDFILE_TEST_GCS_BUCKET: bucketName = 'fieldfile-test',
    FIELDFILE_TEST_GCS_PROJECT: projectId,
  } = env;
  if (!apiEndpoint) return undefined;
  const isEmulator = apiEndpoint !== GOOGLE;
  const config: StorageOptions = {
    ...(projectId ? { projectId } : isEmulator ? { projectId: 'fieldfile' } : {}),
    ...(isEmulator ? { apiEndpoint } : {}),
  };
  return {
    endpoint: apiEndpoint,
    isEmulator,
    async subject() {
      const makeClient = (): Client => {
        const client = new Client(config);
        // An emulator lets everybody in and checks no signature, but one has to be made.
        if (isEmulator) client.authClient.jsonContent = { type: 'service_account', ...SIGNER };
        return client;
      };
      const client = makeClient();
      const bucket = client.bucket(bucketName);
      if (!(await bucket.exists())[0]) await client.createBucket(bucketName);
      const location = `contract-${newWriteId()}`;
      const agent = new (apiEndpoint.startsWith('https:') ? HttpsAgent : Agent)({ keepAlive: true });
      const open = (): GcsStorage => new GcsStorage({ bucketName, location, client: makeClient(), agent });
      return {
        storage: open(),
        async sockets() {
          await new Promise(setImmediate); // a connection is given back in the turn after its last byte
          return Object.values(agent.sockets).flat().length;
        },
        reopen: async () => open(),
        ...(isEmulator ? {} : { forbidden: wrong }),
        ...(isEmulator ? {} : { fetch: (request: Request) => fetch(request) }),
        async dispose() {
          agent.destroy();
          await bucket.deleteFiles({ prefix: `${location}/`, force: true });
        },
      };

      async function wrong(): Promise<GcsStorage> {
        const stranger = new Client({ ...config, useAuthWithCustomEndpoint: true });
        stranger.authClient.jsonContent = {
          type: 'authorized_user',
          client_id: 'a',
          client_secret: 'b',
          refresh_token: 'c',
        };
        const account = await stranger.authClient.getClient();
        account.setCredentials({ access_token: 'wrong', expiry_date: Date.now() + 3_600_000 });
        return new GcsStorage({ bucketName, location, client: stranger, agent });
      }
    },
  };
}
