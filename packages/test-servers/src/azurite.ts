import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob';

/** Microsoft's emulator on a free loopback port. Its account and key are the ones it documents for everybody. */
export interface Azurite extends AsyncDisposable {
  readonly url: string;
  readonly accountName: string;
  readonly accountKey: string;
}

const ACCOUNT_NAME = 'devstoreaccount1';
const ACCOUNT_KEY =
  'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

export interface AzuriteOptions {
  /** Where to make the folder of its store. Default: the system's temporary folder. */
  readonly directory?: string;
  /** With one it speaks https, and takes bearer tokens that it reads but does not verify. */
  readonly certificate?: { readonly certPath: string; readonly keyPath: string };
}

/** Starts it in a process of its own, so that the tests' memory is theirs, with its store in a temporary folder. */
export async function startAzurite({
  directory = tmpdir(),
  certificate,
}: AzuriteOptions = {}): Promise<Azurite> {
  const folder = await mkdtemp(join(directory, 'fieldfile-azurite-'));
  const require = createRequire(import.meta.url);
  const main = require.resolve('azurite/dist/src/blob/main.js');
  const process_ = spawn(
    process.execPath,
    [
      main,
      ...['--blobHost', '127.0.0.1', '--blobPort', '0', '--location', folder],
      ...['--silent', '--skipApiVersionCheck', '--disableTelemetry'],
      ...(certificate
        ? ['--cert', certificate.certPath, '--key', certificate.keyPath, '--oauth', 'basic']
        : []),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const stop = async (): Promise<void> => {
    await ended(process_);
    await rm(folder, { recursive: true, force: true });
  };
  // A test run that is killed leaves no emulator behind.
  const onExit = (): void => void process_.kill();
  process.once('exit', onExit);
  try {
    const url = await listening(process_);
    return {
      url: `${url}/${ACCOUNT_NAME}`,
      accountName: ACCOUNT_NAME,
      accountKey: ACCOUNT_KEY,
      async [Symbol.asyncDispose]() {
        process.removeListener('exit', onExit);
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A fresh container of the emulator. */
export async function makeContainer(
  { url, accountName, accountKey }: Azurite,
  name = `test-${crypto.randomUUID()}`,
): Promise<ContainerClient> {
  const credential = new StorageSharedKeyCredential(accountName, accountKey);
  const container = new ContainerClient(`${url}/${name}`, credential, { retryOptions: { maxTries: 1 } });
  await container.create();
  return container;
}

function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      const url = /successfully listens on (https?:\/\/\S+)/.exec(printed)?.[1];
      if (url) resolve(url);
    });
    child.once('error', reject);
    child.once('exit', code => reject(new Error(`azurite ended with code ${code}: ${printed}`)));
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise(resolve => child.once('exit', resolve));
  child.kill();
  await exit;
}
