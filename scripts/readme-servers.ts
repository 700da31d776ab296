import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeContainer, startAzurite } from '@fieldfile/test-servers/azurite';
import { startGcsServer } from '@fieldfile/test-servers/gcs';
import { startS3Server } from '@fieldfile/test-servers/s3';
import { sshdMissing, startSshd } from '@fieldfile/test-servers/sshd';

type Environment = Readonly<Record<string, string>>;

/** The servers that examples of READMEs need, each started when the first example asks for it. */
export interface ExampleServers extends AsyncDisposable {
  /** What leads the example of this package to a server of this machine: what its user would set for a real service. */
  environmentOf(packageName: string): Promise<Environment>;
  /** Why the server of this package cannot be started here; undefined when it can, or needs none. */
  missing(packageName: string): string | undefined;
}

/** @param folder for credentials, and for what the servers keep. */
export function exampleServers(folder: string): ExampleServers {
  const started = new AsyncDisposableStack();
  const starters: Readonly<Record<string, () => Promise<Environment>>> = {
    '@fieldfile/s3': async () => {
      const server = started.use(
        await startS3Server({ buckets: ['media'], region: 'eu-central-1', directory: folder }),
      );
      return {
        AWS_ENDPOINT_URL: server.endpoint,
        AWS_ACCESS_KEY_ID: server.accessKeyId,
        AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
      };
    },
    '@fieldfile/gcs': async () => {
      const server = started.use(await startGcsServer({ buckets: ['my-media'], folder }));
      const path = join(folder, 'google.json');
      writeFileSync(
        path,
        JSON.stringify({ type: 'service_account', project_id: server.projectId, ...server.credentials }),
      );
      return { STORAGE_EMULATOR_HOST: server.endpoint, GOOGLE_APPLICATION_CREDENTIALS: path };
    },
    '@fieldfile/azure': async () => {
      const server = started.use(await startAzurite({ directory: folder }));
      await makeContainer(server, 'media');
      const connection = [
        'DefaultEndpointsProtocol=http',
        `AccountName=${server.accountName}`,
        `AccountKey=${server.accountKey}`,
        `BlobEndpoint=${server.url}`,
      ].join(';');
      return { AZURE_STORAGE_CONNECTION_STRING: connection };
    },
    '@fieldfile/sftp': async () => {
      const server = started.use(await startSshd());
      const path = join(folder, 'media_key');
      writeFileSync(path, server.privateKey, { mode: 0o600 });
      return {
        SFTP_HOST: server.host,
        SFTP_PORT: `${server.port}`,
        SFTP_HOST_KEY: server.fingerprint,
        SFTP_USER: server.username,
        SFTP_KEY_FILE: path,
        SFTP_ROOT: server.makeFolder(),
      };
    },
  };
  return {
    environmentOf: async packageName => (await starters[packageName]?.()) ?? {},
    missing: packageName => (packageName === '@fieldfile/sftp' ? sshdMissing() : undefined),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}
