import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';

export const EXAMPLES: string = join(import.meta.dirname, '../examples');
const ROOT = join(EXAMPLES, '../../..');
/** Its command, once it is installed. */
export const NEXT: string = join(EXAMPLES, 'next/node_modules/next/dist/bin/next');

/** Runs the packages from their sources. */
export const SOURCE = '--conditions=@fieldfile/source';

export interface RunningExample extends AsyncDisposable {
  readonly port: number;
  readonly pid: number;
  /** That it runs in. */
  readonly folder: string;
}

/** Runs a program that listens on `PORT`, in a folder of its own, until it is disposed of. */
export async function runExample(folder: string, ...args: readonly string[]): Promise<RunningExample> {
  const port = await freePort();
  const server = spawn(process.execPath, args, {
    cwd: folder,
    env: { PATH: process.env.PATH, PORT: String(port), NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  server.stderr.on('data', chunk => {
    said += chunk;
  });
  while (!(await listens(port))) {
    if (server.exitCode !== null) throw new Error(`The example ended: ${said}`);
    await setTimeout(20);
  }
  return {
    port,
    pid: server.pid ?? 0,
    folder,
    async [Symbol.asyncDispose]() {
      const exit = once(server, 'exit');
      server.kill();
      await exit;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** What an example needs that is no workspace. */
export async function install(name: string): Promise<void> {
  const at = join(EXAMPLES, name);
  if (existsSync(join(at, 'node_modules'))) return;
  await promisify(execFile)('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: at });
}

/** The example for Next takes the packages as they are published. */
export async function buildNext(): Promise<void> {
  await install('next');
  const packages = ['storage', 'core', 'fs', 'http'].map(name => `--filter=@fieldfile/${name}`);
  await promisify(execFile)('npm', ['run', 'build', '--', ...packages], { cwd: ROOT });
  const env = { PATH: process.env.PATH, NODE_ENV: 'production' };
  await promisify(execFile)(process.execPath, [NEXT, 'build', join(EXAMPLES, 'next')], { env });
}
