import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FileSystemStorage } from '@fieldfile/fs';
import { load } from '@fieldfile/test-servers/load';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { type CuttingProxy, cuttingProxy } from './cutting-proxy.ts';
import { uploadByClient } from './tus-client.ts';
import { type TusWorld, tusWorld } from './tus-world.ts';

const KILLS = load({ test: 4, ci: 20, deep: 60 });
const MOVES = load({ test: 10, ci: 40, deep: 100 });

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
