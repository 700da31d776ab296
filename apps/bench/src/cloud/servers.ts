import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { type Azurite, startAzurite as azuriteIn } from '@fieldfile/test-servers/azurite';

export interface S3Service {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface GcsService {
  readonly endpoint: string;
  readonly projectId: string;
}

export type AzureService = Pick<Azurite, 'url' | 'accountName' | 'accountKey'>;

/** The bucket or container that every server has. */
export const BUCKET = 'bench';

export const startS3 = (folder: string): Promise<AsyncDisposable> =>
  start(
    folder,
    command(import.meta.resolve('@fieldfile/test-servers/s3-command')),
    line => JSON.parse(line) as S3Service,
  );

export const startGcs = (folder: string): Promise<AsyncDisposable> =>
  start(
    folder,
    command(import.meta.resolve('@fieldfile/test-servers/gcs-command')),
    line => JSON.parse(line) as GcsService,
  );

export async function startAzurite(folder: string): Promise<AsyncDisposable> {
  const azurite = await azuriteIn({ directory: folder });
  await writeFile(description(folder), JSON.stringify(azurite));
  return azurite;
}

/** The service that was started for `folder`. */
export const serviceOf = async <Service>(folder: string): Promise<Service> =>
  JSON.parse(await readFile(description(folder), 'utf8')) as Service;

/** Without checksums, which cost CPU: FieldFile's default too for an endpoint that is not Amazon's. */
export async function s3Configuration(folder: string): Promise<S3ClientConfig> {
  const { endpoint, region, ...credentials } = await serviceOf<S3Service>(folder);
  return {
    endpoint,
    region,
    credentials,
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  };
}

const description = (folder: string): string => join(folder, 'service.json');

const command = (url: string) => (): string[] => [
  '--conditions=@fieldfile/source',
  fileURLToPath(url),
  ...['--bucket', BUCKET],
];

/** A process with its data in a folder of its own, ready when a line of its output says what it serves. */
async function start<Service>(
  folder: string,
  args: (directory: string) => readonly string[],
  serves: (line: string) => Service,
): Promise<AsyncDisposable> {
  const directory = await mkdtemp(join(folder, 'server-'));
  const server = spawn(process.execPath, args(directory), {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: directory },
  });
  const kill = (): void => void server.kill();
  process.once('exit', kill);
  const stop = async (): Promise<void> => {
    process.removeListener('exit', kill);
    await ended(server);
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await writeFile(description(folder), JSON.stringify(await ready(server, serves)));
    return { [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function ready<Service>(server: ChildProcess, serves: (line: string) => Service): Promise<Service> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', code => reject(new Error(`The server ended with code ${code} before it was ready.`)));
    if (!server.stdout) return;
    createInterface(server.stdout).once('line', line => resolve(serves(line)));
  });
}

async function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exit = new Promise(resolve => server.once('exit', resolve));
  server.kill();
  await exit;
}
