import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposableSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Storage } from '@fieldfile/core';
import { recover } from '@fieldfile/core/journal';
import { load } from '@fieldfile/test-servers/load';
import { expect, test } from 'vitest';
import { compare, refusedIn } from './compare.ts';
import { contentOf, REFUSED } from './content.ts';
import { Documents } from './documents.ts';
import { makeWorld } from './places.ts';
import { Random } from './random.ts';
import { openBackend, openDatabase, openJournal, type World } from './world.ts';

const CLEAN = { rowsWithoutObject: [], objectsWithoutRow: [], wrongContent: [], lost: [], refused: [] };
const CUTS = load({ test: 12, ci: 200, deep: 200 });
/** For each database. */
const KILLS = load({ test: 3, ci: 20, deep: 100 });
const DATABASES = ['sqlite', 'postgresql'] as const;

interface Server {
  readonly child: ChildProcess;
  readonly port: number;
  readonly kill: () => Promise<void>;
}

async function start(world: World): Promise<Server> {
  const program = fileURLToPath(new URL('./upload-server.ts', import.meta.url));
  const execArgv = ['--conditions=@fieldfile/source', '--disable-warning=ExperimentalWarning'];
  const child = fork(program, [JSON.stringify(world)], { execArgv });
  const exit = once(child, 'exit');
  const [port] = (await Promise.race([once(child, 'message'), exit])) as [number];
  return {
    child,
    port,
    async kill() {
      child.kill('SIGKILL');
      await exit;
    },
  };
}

/** A form with a row's id and a file, as a client sends it. */
function requestOf(id: string, random: Random): Buffer {
  const token = `${random.chance(0.15) ? REFUSED : ''}${id}`;
  const content = contentOf(token, random.chance(0.3) ? 200_000 + random.below(300_000) : random.below(3000));
  const body = Buffer.concat([
    Buffer.from(
      `--b\r\nContent-Disposition: form-data; name="id"\r\n\r\n${id}\r\n` +
        `--b\r\nContent-Disposition: form-data; name="file"; filename="${random.pick(['a', 'b', 'c'])}"\r\n\r\n`,
    ),
    content,
    Buffer.from('\r\n--b--\r\n'),
  ]);
  const head = `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: ${body.byteLength}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

/** Sends so much of a request, and leaves or reads the status; undefined where there is none. */
async function send(
  port: number,
  request: Buffer,
  cutAt: number = request.byteLength,
): Promise<number | undefined> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.setEncoding('latin1').on('data', chunk => {
    text += chunk;
  });
  socket.on('error', () => {}); // the server is killed, or refuses
  const closed = new Promise<void>(resolve => socket.once('close', () => resolve()));
  const written = new Promise<void>(resolve => socket.write(request.subarray(0, cutAt), () => resolve()));
  if (cutAt < request.byteLength) {
    await Promise.race([written, closed]);
    socket.destroy();
  }
  await closed;
  const [, status] = /^HTTP\/1\.1 (\d+) /.exec(text) ?? [];
  return status === undefined ? undefined : Number(status);
}

/** What is left once recovery has had its time, and the ids of all rows. */
async function remains(world: World) {
  await using database = await openDatabase(world);
  const journal = openJournal(world, database);
  const storage = new Storage(await openBackend(world));
  const documents = new Documents({ database, journal, storage });
  const deadline = performance.now() + 60_000;
  while ((await journal.entries()).length > 0 && performance.now() < deadline) {
    await recover(journal, { backOffSeconds: 0.05, maxAttempts: 1000 });
    await sleep(50);
  }
  const objects = await Array.fromAsync(storage.list(), ({ name }) => String(name));
  const files = world.storage.kind === 'fs' ? filesBelow(world.storage.root) : [];
  return {
    differences: await compare(documents, storage, []),
    entries: await journal.entries(),
    ids: (await documents.all()).map(({ id }) => id),
    // Files that are no objects: what was half written, receipts of writes.
    others: files.filter(file => !objects.includes(file)),
  };
}

/** The storage's own, which stay. */
const OWN = ['root.id', 'lock.db'];

const filesBelow = (root: string): string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && !OWN.includes(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name).slice(root.length + 1));

const descriptors = ({ child }: Server): number => readdirSync(`/proc/${child.pid}/fd`).length;

test(`${CUTS} uploads that are cut at any byte leave no file, row, entry, socket or descriptor`, async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'fieldfile-uploads-'));
  await using place = await makeWorld('sqlite', 'fs', folder.path);
  const random = new Random(1);
  const server = await start(place.world);
  try {
    expect(await send(server.port, requestOf('first', new Random(3)))).toBe(201);
    await expect.poll(() => descriptors(server)).toBeGreaterThan(0);
    const before = descriptors(server);
    const cuts = Array.from({ length: CUTS }, (_, index) => `cut-${index}`);
    const lane = async (): Promise<void> => {
      for (let id = cuts.pop(); id; id = cuts.pop()) {
        const request = requestOf(id, random);
        await send(server.port, request, random.below(request.byteLength));
      }
    };
    await Promise.all([lane(), lane(), lane(), lane()]);
    await expect.poll(() => descriptors(server), { timeout: 10_000 }).toBeLessThanOrEqual(before);
    expect(await send(server.port, requestOf('last', new Random(3)))).toBe(201);
  } finally {
    await server.kill();
  }
  const { ids, ...left } = await remains(place.world);
  expect(left).toEqual({ differences: CLEAN, entries: [], others: [] });
  expect(ids.filter(id => !id.startsWith('cut'))).toEqual(['first', 'last']);
});

test.each(DATABASES)(
  `a server killed ${KILLS} times while it receives leaves nothing that should not be: %s`,
  async kind => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'fieldfile-uploads-'));
    await using place = await makeWorld(kind, 'fs', folder.path);
    const { world } = place;
    const storage = new Storage(await openBackend(world));
    const random = new Random(7);
    const acknowledged: string[] = [];
    const statuses = new Set<number | undefined>();
    const seen = new Set<string>();
    for (let round = 0; round < KILLS; round++) {
      const server = await start(world);
      let isAlive = true;
      const client = async (name: string): Promise<void> => {
        for (let count = 0; isAlive; count++) {
          const id = `${round}-${name}-${count}${random.chance(0.1) ? '!' : ''}`;
          const status = await send(server.port, requestOf(id, random));
          statuses.add(status);
          if (status === 201) acknowledged.push(id);
        }
      };
      const before = acknowledged.length;
      const clients = ['a', 'b', 'c'].map(client);
      await expect.poll(() => acknowledged.length, { interval: 5, timeout: 20_000 }).toBeGreaterThan(before);
      const until = performance.now() + random.below(200);
      while (performance.now() < until) for (const name of await refusedIn(storage)) seen.add(name);
      isAlive = false;
      await server.kill();
      await Promise.all(clients);
    }
    const { ids, ...left } = await remains(world);
    expect(left).toEqual({ differences: CLEAN, entries: [], others: [] });
    expect([...seen]).toEqual([]);
    expect(acknowledged.filter(id => !ids.includes(id))).toEqual([]);
    expect([...statuses]).toEqual(expect.arrayContaining([201, undefined]));
  },
);
