import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runsTypeScript } from '@fieldfile/test-servers/examples';
import { expect, onTestFinished, test } from 'vitest';

const packageFolder = join(import.meta.dirname, '..');
const TIME_LIMIT_MS = 5 * 60_000;
const guide = join(packageFolder, '../../docs/write-a-backend.md');

test.skipIf(!runsTypeScript)(
  'the backend of docs/write-a-backend.md passes the contract',
  async () => {
    const folder = mkdtempSync(join(packageFolder, '.guide-')); // not in node_modules, where Node strips no types
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const files = readFileSync(guide, 'utf8').matchAll(/^```ts\n\/\/ (\S+)\n(.*?)^```$/gms);
    for (const [, name = '', code = ''] of files) writeFileSync(join(folder, name), code);
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--expose-gc', '--conditions=@fieldfile/source', 'contract.test.ts'],
      { cwd: folder, env: { PATH: process.env.PATH }, maxBuffer: 16 * 1024 * 1024, timeout: TIME_LIMIT_MS },
    ).catch((error: { readonly stdout: string }) => error);
    expect(stdout).toMatch(/SQLite: \d{3} behaviours, \d{3} passed, \d+ skipped/);
    expect(stdout).toMatch(/^. fail 0$/m);
  },
  TIME_LIMIT_MS,
);
