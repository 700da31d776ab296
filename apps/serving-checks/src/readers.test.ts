import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { Agent, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from '@fieldfile/test-servers/load';
import { afterAll, beforeAll, expect, test } from 'vitest';

const MEBIBYTE = 1024 ** 2;
const READERS = 64;
const SIZE_BYTES = load({ test: 256, ci: 1024, deep: 1024 }) * MEBIBYTE;
/** The readers' chunks, and what V8 leaves lying before it collects. Whatever the size of the file. */
const ROOM_BYTES = 160 * MEBIBYTE;

let folder = '';
let server: ChildProcess;
let port = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fieldfile-readers-'));
  await using file = await open(join(folder, 'large.bin'), 'w');
  await file.truncate(SIZE_BYTES);
  await using small = await open(join(folder, 'small.bin'), 'w');
  await small.write('x');
  const flags = ['--conditions=@fieldfile/source'];
  server = fork(new URL('./disk-server.ts', import.meta.url), [folder], { execArgv: flags });
  [port] = (await once(server, 'message')) as [number];
});

afterAll(async () => {
  const exit = once(server, 'exit');
  server.kill();
  await exit;
  await rm(folder, { recursive: true });
});

async function peak(): Promise<number> {
  server.send('peak');
  return (await once(server, 'message'))[0];
}

/** Reads a range to its end. @returns its length. */
async function read(path: string, range: string, agent: Agent): Promise<number> {
  const sent = request({ host: '127.0.0.1', port, path, headers: { range }, agent }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let bytes = 0;
  for await (const chunk of response) bytes += chunk.byteLength;
  return bytes;
}

test('many readers of ranges of one large file keep the memory flat', async () => {
  const agent = new Agent({ keepAlive: true });
  await read('/small.bin', 'bytes=0-', agent);
  const before = await peak();
  const part = SIZE_BYTES / READERS;
  const lengths = await Promise.all(
    Array.from({ length: READERS }, (_, index) =>
      read('/large.bin', `bytes=${index * part}-${(index + 1) * part - 1}`, agent),
    ),
  );
  agent.destroy();
  expect(lengths.every(length => length === part)).toBe(true);
  const growth = (await peak()) - before;
  expect(growth).toBeLessThan(ROOM_BYTES);
});
