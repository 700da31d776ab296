import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineFiles, type Inspector, model } from '@fieldfile/core';
import { clamd } from '@fieldfile/core/node';
import { MemoryStorage } from '@fieldfile/memory';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

interface Row {
  id: number;
  scan: string | null;
}

/** The test file of the anti-virus industry, in two parts, so that no scanner takes this file for it. */
const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR', '-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');

const folder = mkdtempSync(join(tmpdir(), 'fieldfile-clamd-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fieldWith(inspect: Inspector) {
  const storage = new MemoryStorage();
  return { storage, field: defineFiles(model<Row>()('scanned', 'id'), { scan: { storage, inspect } }).scan };
}

const save = (inspect: Inspector, content: string | AsyncIterable<Uint8Array>) => {
  const { storage, field } = fieldWith(inspect);
  const row: Row = { id: 1, scan: null };
  return field
    .of(row)
    .save(content, { name: 'a.bin' })
    .then(() => storage.exists('a.bin'));
};

describe.skipIf(missing())('clamd', () => {
  let socketPath: string;
  let silent: string;
  const servers: AsyncDisposable[] = [];

  beforeAll(async () => {
    mkdirSync(join(folder, 'db'));
    const md5 = createHash('md5').update(EICAR).digest('hex');
    writeFileSync(join(folder, 'db', 'test.hdb'), `${md5}:${EICAR.length}:Test.File\n`);
    [socketPath, silent] = [join(folder, 'clamd.sock'), join(folder, 'silent.sock')];
    servers.push(await startClamd(socketPath, 'yes'), await startClamd(silent, 'no'));
  });
  afterAll(async () => {
    for (const server of servers) await server[Symbol.asyncDispose]();
  });

  test('passes what is clean, whole and in pieces', async () => {
    const inspect = clamd({ socketPath });
    expect(await save(inspect, 'clean')).toBe(true);
    expect(await save(inspect, zeros(5_000_000))).toBe(true);
    expect(await save(inspect, '')).toBe(true);
  });

  test('refuses what it finds, and what is beyond its limits', async () => {
    const inspect = clamd({ socketPath });
    await expect(save(inspect, EICAR)).rejects.toMatchObject({
      code: 'not-accepted',
      message: expect.stringContaining('ClamAV found Test.File'),
    });
    await expect(save(inspect, zeros(12_000_000))).rejects.toMatchObject({ code: 'not-accepted' });
    await expect(save(clamd({ socketPath, maxBytes: 10 }), '12345678901')).rejects.toMatchObject({
      code: 'too-large',
    });
  });

  test('stores nothing where it takes less than was said', async () => {
    const refused = save(clamd({ socketPath, maxBytes: 1e9 }), zeros(40_000_000));
    await expect(refused).rejects.toMatchObject({ code: 'not-inspected' });
  });

  test('is not believed while it passes what it has not looked at', async () => {
    const inspect = clamd({ socketPath: silent });
    for (const _ of [1, 2])
      await expect(save(inspect, 'clean')).rejects.toMatchObject({
        code: 'not-inspected',
        cause: { message: expect.stringContaining('AlertExceedsMax yes') },
      });
  });
});

test('a clamd that is down stores nothing', async () => {
  const refused = save(clamd({ socketPath: join(folder, 'nobody.sock') }), 'x');
  await expect(refused).rejects.toMatchObject({ code: 'not-inspected', cause: { code: 'ENOENT' } });
});

test.each([{}, { socketPath: '/x', port: 1 }, { sockePath: '/x' }])('%o is no place', options => {
  expect(() => clamd(options)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
});

function missing(): boolean {
  try {
    execFileSync('clamd', ['--version'], { stdio: 'ignore' });
    return false;
  } catch {
    console.warn('clamd is not installed (clamav-daemon): its tests are left out.');
    return true;
  }
}

async function startClamd(socket: string, alerts: 'yes' | 'no'): Promise<AsyncDisposable> {
  const settings = {
    LocalSocket: socket,
    DatabaseDirectory: join(folder, 'db'),
    Foreground: 'yes',
    AlertExceedsMax: alerts,
    MaxFileSize: '10M',
    MaxScanSize: '20M',
    StreamMaxLength: '30M',
    User: userInfo().username,
  };
  const file = `${socket}.conf`;
  writeFileSync(
    file,
    Object.entries(settings)
      .map(line => `${line.join(' ')}\n`)
      .join(''),
  );
  const child = spawn('clamd', ['-c', file], { stdio: 'ignore' });
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()));
  const ask = clamd({ socketPath: socket, timeoutSeconds: 60 });
  const isUp = async (): Promise<boolean> => {
    const answer = ask.inspect(pieces(), { signal: AbortSignal.timeout(60_000) } as never);
    const error = await answer.then(
      () => undefined,
      error => error as Error,
    );
    return !error || error.message.includes('AlertExceedsMax');
  };
  for (let tries = 0; !(await isUp()); tries++) {
    if (tries > 600) throw new Error('clamd does not start');
    await sleep(100);
  }
  return {
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
    },
  };
}

async function* pieces(): AsyncGenerator<Uint8Array> {}

async function* zeros(sizeBytes: number): AsyncGenerator<Uint8Array> {
  for (let left = sizeBytes; left > 0; left -= 100_000) yield new Uint8Array(Math.min(left, 100_000));
}
