import { type ChildProcess, fork } from 'node:child_process';
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { recover } from '@fieldfile/core/journal';
import { cuttingProxy } from '@fieldfile/test-servers/cutting-proxy';
import { load } from '@fieldfile/test-servers/load';
import { memoryOf } from '@fieldfile/test-servers/process-memory';
import chromium from '@sparticuz/chromium';
import { type Browser, chromium as driver } from 'playwright-core';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSite, type Shared, type Site, USER } from './site.ts';

// A large file by tus, in a real browser, from clients that are not modified.

const MEBIBYTE = 1024 ** 2;
const MEBIBYTES = load({ test: 40, ci: 96, deep: 2048 });
const CUTS = load({ test: 6, ci: 10, deep: 30 });
/** After so many cuts the server that has the upload is killed. */
const KILLED_AFTER = [Math.round(CUTS / 4), Math.round(CUTS / 2)];
/** Then another one goes on with it, while the one before lives. */
const MOVED_AFTER = Math.round((CUTS * 3) / 4);

const folder = mkdtempSync(join(tmpdir(), 'fieldfile-large-'));
const script = join(folder, 'page.js');
let browser: Browser;
beforeAll(async () => {
  await using bundle = await rolldown({
    input: join(import.meta.dirname, 'page.ts'),
    platform: 'browser',
    logLevel: 'silent',
    resolve: { conditionNames: ['@fieldfile/source', 'browser', 'import', 'default'] },
  });
  await bundle.write({ file: script, format: 'iife' });
  browser = await driver.launch({
    executablePath: await chromium.executablePath(),
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

interface Server extends AsyncDisposable {
  readonly origin: string;
  readonly process: ChildProcess;
  /** What it had when it began. */
  readonly idleBytes: number;
}

async function startServer({ root, journalFile }: Shared): Promise<Server> {
  const program = fileURLToPath(new URL('server.ts', import.meta.url));
  const options = ['--root', root, '--journalFile', journalFile, '--script', script];
  const child = fork(program, options, { execArgv: ['--conditions=@fieldfile/source'] });
  const [{ origin }] = await once(child, 'message');
  return {
    origin,
    process: child,
    idleBytes: (await memoryOf(child.pid ?? 0)).now,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** Random bytes, each block of its own. @returns their SHA-256. */
async function writeLarge(path: string): Promise<string> {
  const hash = createHash('sha256');
  const block = randomBytes(MEBIBYTE);
  const blocks = function* (): Generator<Buffer> {
    for (let index = 0; index < MEBIBYTES; index++) {
      block.writeUInt32BE(index);
      hash.update(block);
      yield Buffer.from(block);
    }
  };
  await writeFile(path, blocks());
  return hash.digest('hex');
}

/** Makes a row of the upload. @returns the SHA-256 of its file, read from the disk. */
async function keptDigest({ file, table }: Site, root: string, token: string): Promise<string> {
  const row = { id: 1, file: null as string | null };
  file.set(row, await file.redeem(token, { for: USER }));
  await table.insert(row);
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(join(root, row.file ?? ''))) hash.update(chunk);
  return hash.digest('hex');
}

test.each(['@uppy/tus', 'tus-js-client', '@fieldfile/browser'])(
  '%s brings a large file through cuts, restarts and a change of server, in little memory',
  { timeout: 1_800_000 },
  async client => {
    const here = mkdtempSync(join(folder, 'site-'));
    const shared = { root: join(here, 'media'), journalFile: join(here, 'journal') };
    const path = join(here, 'film.bin');
    const digest = await writeLarge(path);
    await using servers = new AsyncDisposableStack();
    let server = servers.use(await startServer(shared));
    const proxy = servers.use(await cuttingProxy(server.origin));
    const growths: number[] = [];
    const measure = async ({ process: { pid = 0 }, idleBytes }: Server): Promise<void> => {
      growths.push((await memoryOf(pid)).most - idleBytes);
    };
    const other = servers.use(await startServer(shared));
    let restarting: Promise<void> | undefined;
    const restart = async (): Promise<void> => {
      await measure(server);
      await server[Symbol.asyncDispose]();
      server = servers.use(await startServer(shared));
      proxy.target = server.origin;
      restarting = undefined;
    };
    const share = Math.floor((MEBIBYTES * MEBIBYTE) / (1.5 * CUTS + 6));
    proxy.onCut = () => {
      if (KILLED_AFTER.includes(proxy.cuts)) restarting = restart();
      if (proxy.cuts === MOVED_AFTER) proxy.target = other.origin;
    };

    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(proxy.origin);
    await page.locator('input').setInputFiles(path);
    proxy.nextCut = () =>
      proxy.cuts < CUTS && !restarting ? share + randomInt(share) : Number.POSITIVE_INFINITY;
    const token = await page.evaluate(
      name =>
        (globalThis as unknown as { readonly clients: Record<string, () => Promise<string>> }).clients[
          name
        ]?.() ?? '',
      client,
    );
    await context.close();
    for (const one of [server, other]) await measure(one);
    const more = growths.map(bytes => Math.round(bytes / MEBIBYTE));
    console.info(`${client}: ${MEBIBYTES} MiB, ${proxy.cuts} cuts: ${more} MiB more`);

    const site = openSite(shared);
    expect(await keptDigest(site, shared.root, token)).toBe(digest);
    expect(proxy.cuts).toBe(CUTS);
    await recover(site.journal);
    expect(await Array.fromAsync(site.file.storage.list())).toHaveLength(1);
    expect(await site.journal.entries()).toEqual([]);
    site.journal.close();
    for (const growth of growths) expect(growth).toBeLessThan(64 * MEBIBYTE);
    await rm(here, { recursive: true });
  },
);
