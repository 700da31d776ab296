import { type ChildProcess, fork } from 'node:child_process';
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FileSystemStorage } from '@fieldfile/fs';
import { type CuttingProxy, cuttingProxy } from '@fieldfile/test-servers/cutting-proxy';
import { load } from '@fieldfile/test-servers/load';
import { memoryOf } from '@fieldfile/test-servers/process-memory';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { uploadByClient } from './tus-client.ts';
import { type TusWorld, tusWorld } from './tus-world.ts';

const KILLS = load({ test: 4, ci: 20, deep: 60 });
const MOVES = load({ test: 10, ci: 40, deep: 100 });

const MEBIBYTE = 1024 ** 2;
const LARGE = {
  mebibytes: load({ test: 40, ci: 200, deep: 2048 }),
  cuts: load({ test: 6, ci: 10, deep: 30 }),
  restarts: load({ test: 1, ci: 1, deep: 2 }),
};

const folder = mkdtempSync(join(tmpdir(), 'fieldfile-tus-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Replica extends AsyncDisposable {
  readonly origin: string;
  readonly process: ChildProcess;
}

let place: { readonly root: string; readonly journal: string };
let world: TusWorld;
let count = 0;
beforeEach(() => {
  place = { root: join(folder, `media-${count}`), journal: join(folder, `journal-${count++}`) };
  world = tusWorld(new FileSystemStorage({ root: place.root }), place.journal);
});

const running: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one[Symbol.asyncDispose]();
});

/** A server of its own process on the same folder and journal. */
async function replica(): Promise<Replica> {
  const program = fileURLToPath(new URL('tus-server.ts', import.meta.url));
  const child = fork(program, ['--root', place.root, '--journal', place.journal], {
    execArgv: ['--conditions=@fieldfile/source'],
  });
  const [{ origin }] = await once(child, 'message');
  const started = {
    origin,
    process: child,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    },
  };
  running.push(started);
  return started;
}

async function proxyTo({ origin }: Replica): Promise<CuttingProxy> {
  const proxy = await cuttingProxy(origin);
  running.push(proxy);
  return proxy;
}

async function expectOnly(token: string, bytes: Buffer): Promise<void> {
  const { file } = await world.keep(token);
  await using opened = await world.field.storage.open(file ?? '');
  expect(Buffer.from(await opened.bytes()).equals(bytes)).toBe(true);
  expect(await world.names()).toContain(file);
}

/** A file of random bytes, each block of its own. @returns its path. */
async function largeFile(mebibytes: number): Promise<string> {
  const path = join(folder, `large-${mebibytes}`);
  const block = randomBytes(MEBIBYTE);
  const blocks = function* (): Generator<Buffer> {
    for (let index = 0; index < mebibytes; index++) {
      block.writeUInt32BE(index);
      yield Buffer.from(block);
    }
  };
  await writeFile(path, blocks());
  return path;
}

async function sha256(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}

async function expectSame(token: string, path: string): Promise<void> {
  const { file } = await world.keep(token);
  await using opened = await world.field.storage.open(file ?? '');
  expect(await sha256(opened.stream)).toBe(await sha256(createReadStream(path)));
}

async function expectNothingUnderWay(): Promise<void> {
  await world.recover();
  expect((await world.names()).filter(name => name.startsWith('fieldfile-'))).toEqual([]);
  expect(await world.journal.entries()).toEqual([]);
}

test('a server that is killed in the middle of a request loses no upload', { timeout: 300_000 }, async () => {
  let server = await replica();
  const proxy = await proxyTo(server);
  for (let kills = 0; kills < KILLS; kills++) {
    const size = randomInt(1_000_000, 20_000_000);
    const killed = Promise.withResolvers<void>();
    let cuts = 0;
    proxy.nextCut = () => (cuts++ === 0 ? randomInt(size) : Number.POSITIVE_INFINITY);
    proxy.onCut = () => {
      server.process.kill('SIGKILL');
      killed.resolve();
    };
    const bytes = randomBytes(size);
    const restarted = (async () => {
      await killed.promise;
      if (server.process.signalCode === null) await once(server.process, 'exit');
      server = await replica();
      proxy.target = server.origin;
    })();
    const token = await uploadByClient(bytes, { endpoint: `${proxy.origin}/uploads/` });
    await restarted;
    await expectOnly(token, bytes);
  }
  await expectNothingUnderWay();
});

test('a client goes from one server to another, and back', async () => {
  const [one, other] = [await replica(), await replica()];
  const proxy = await proxyTo(one);
  while (proxy.cuts < MOVES) {
    const size = randomInt(500_000, 5_000_000);
    proxy.nextCut = () => {
      proxy.target = proxy.target === one.origin ? other.origin : one.origin;
      return randomInt(size);
    };
    const bytes = randomBytes(size);
    await expectOnly(await uploadByClient(bytes, { endpoint: `${proxy.origin}/uploads/` }), bytes);
  }
  await expectNothingUnderWay();
});

test('two clients send the same upload to two servers at once, and it is whole', async () => {
  const [one, other] = [await replica(), await replica()];
  for (let round = 0; round < load({ test: 2, ci: 6, deep: 30 }); round++) {
    const bytes = randomBytes(randomInt(1_000_000, 4_000_000));
    const created = await fetch(`${one.origin}/uploads/`, {
      method: 'POST',
      headers: { 'tus-resumable': '1.0.0', 'upload-length': String(bytes.byteLength) },
    });
    const path = created.headers.get('location');
    const clients = [one, other].map(({ origin }) =>
      uploadByClient(bytes, { uploadUrl: `${origin}${path}`, chunkSize: randomInt(50_000, 500_000) }),
    );
    const [token = ''] = await Promise.all(clients);
    await expectOnly(token, bytes);
  }
  await expectNothingUnderWay();
});

test('a large file comes whole through cuts, restarts and a change of server, in little memory', {
  timeout: 1_200_000,
}, async () => {
  const { mebibytes, cuts, restarts } = LARGE;
  const path = await largeFile(mebibytes);
  let server = await replica();
  const proxy = await proxyTo(server);
  const growths: number[] = [];
  let idle = (await memoryOf(server.process.pid ?? 0)).now;
  const measure = async ({ process: { pid = 0 } }: Replica): Promise<void> => {
    growths.push((await memoryOf(pid)).most - idle);
  };
  const share = Math.floor((mebibytes * MEBIBYTE) / (1.5 * cuts + 2));
  const restartAt = new Set(
    Array.from({ length: restarts + 1 }, (_, index) => Math.round(((index + 1) * cuts) / (restarts + 2))),
  );
  let following = Promise.resolve();
  proxy.nextCut = () => (proxy.cuts < cuts ? share + randomInt(share) : Number.POSITIVE_INFINITY);
  proxy.onCut = () => {
    if (!restartAt.has(proxy.cuts)) return;
    // The last of them goes on with another server while the first one lives.
    const old = server;
    const isLast = proxy.cuts === Math.max(...restartAt);
    following = following.then(async () => {
      await measure(old);
      if (!isLast) old.process.kill('SIGKILL');
      server = await replica();
      idle = (await memoryOf(server.process.pid ?? 0)).now;
      proxy.target = server.origin;
    });
  };
  const token = await uploadByClient(createReadStream(path), { endpoint: `${proxy.origin}/uploads/` });
  await following;
  await measure(server);
  expect(proxy.cuts).toBeGreaterThanOrEqual(Math.min(cuts, restarts + 1));
  console.info(
    `${mebibytes} MiB, ${proxy.cuts} cuts: ${growths.map(bytes => Math.round(bytes / MEBIBYTE))} MiB more`,
  );
  await expectSame(token, path);
  await expectNothingUnderWay();
  for (const growth of growths) expect(growth).toBeLessThan(64 * MEBIBYTE);
});
