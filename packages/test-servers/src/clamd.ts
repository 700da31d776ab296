import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The test file of the anti-virus industry, in two parts, so that no scanner takes this file for it. */
export const EICAR: string = [
  'X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR',
  '-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*',
].join('');

/** What clamd calls it here. */
export const SIGNATURE = 'Test.File';

/** Whether the machine has ClamAV's scanner. */
export function hasClamd(): boolean {
  try {
    execFileSync('clamd', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export interface ClamdServer extends AsyncDisposable {
  readonly socketPath: string;
}

/**
 * ClamAV's scanner with one signature, which needs no network.
 *
 * @param settings of clamd.conf, beside those that it needs. Files of more than 10 MiB are beyond its limits by default.
 */
export async function startClamd(settings: Readonly<Record<string, string>> = {}): Promise<ClamdServer> {
  const folder = mkdtempSync(join(tmpdir(), 'fieldfile-clamd-'));
  const database = join(folder, 'db');
  const socketPath = join(folder, 'clamd.sock');
  mkdirSync(database);
  const md5 = createHash('md5').update(EICAR).digest('hex');
  writeFileSync(join(database, 'test.hdb'), `${md5}:${EICAR.length}:${SIGNATURE}\n`);
  const all = {
    LocalSocket: socketPath,
    DatabaseDirectory: database,
    Foreground: 'yes',
    AlertExceedsMax: 'yes',
    MaxFileSize: '10M',
    MaxScanSize: '20M',
    StreamMaxLength: '30M',
    User: userInfo().username,
    ...settings,
  };
  const lines = Object.entries(all).map(setting => `${setting.join(' ')}\n`);
  writeFileSync(join(folder, 'clamd.conf'), lines.join(''));
  const child = spawn('clamd', ['-c', join(folder, 'clamd.conf')], { stdio: 'ignore' });
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()));
  for (let tries = 0; !(await answers(socketPath)); tries++) {
    if (tries > 600 || child.exitCode !== null) throw new Error('clamd does not start.');
    await sleep(100);
  }
  return {
    socketPath,
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(socketPath, () => socket.write('zPING\0'));
    socket.once('data', answer => {
      socket.destroy();
      resolve(answer.toString().startsWith('PONG'));
    });
    socket.once('error', () => resolve(false));
  });
}
