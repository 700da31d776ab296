import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { load } from '@fieldfile/test-servers/load';
import { memoryOf } from '@fieldfile/test-servers/process-memory';
import { afterAll, expect, test } from 'vitest';

const MEBIBYTE = 1024 ** 2;
const PARALLEL = load({ test: 32, ci: 32, deep: 64 });
const SIZE = load({ test: 8, ci: 16, deep: 64 }) * MEBIBYTE;
/** In MiB. On a busy machine clients are slow, and the parts of slow ones do not count. Without a limit 32 uploads to S3 take 320. */
const MOST: Readonly<Record<string, number>> = { disk: 64, S3: 128 };

const CHUNK = Buffer.alloc(64 * 1024, 'x');

const folder = mkdtempSync(join(tmpdir(), 'fieldfile-tus-memory-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A program in a process of its own, and what it says first. */
async function started<T>(
  program: string,
  options: readonly string[],
  nodeOptions: readonly string[] = [],
): Promise<AsyncDisposable & { readonly child: ChildProcess; readonly told: T }> {
  const child = fork(program, options, {
    execArgv: ['--conditions=@fieldfile/source', '--disable-warning=ExperimentalWarning', ...nodeOptions],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [told] = (await once(child, 'message')) as [T];
  return {
    child,
    told,
    async [Symbol.asyncDispose]() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** One request. The server tells how fast its body goes out. */
async function ask(
  url: string,
  options: { readonly agent: Agent; readonly method: string; readonly headers: Record<string, string> },
  send: (sent: ClientRequest) => Promise<void> = async () => {},
): Promise<IncomingMessage> {
  const sent = request(url, { ...options, headers: { 'tus-resumable': '1.0.0', ...options.headers } });
  const answered = once(sent, 'response');
  await Promise.race([send(sent).then(() => void sent.end()), answered]);
  const [answer] = (await answered) as [IncomingMessage];
  answer.resume();
  return answer;
}

/** Sends a whole file in one request. */
async function upload(origin: string, agent: Agent, size: number): Promise<void> {
  const begun = { agent, method: 'POST', headers: { 'upload-length': String(size) } };
  const { headers } = await ask(`${origin}/uploads/`, begun);
  const piece = {
    'upload-offset': '0',
    'content-type': 'application/offset+octet-stream',
    'content-length': String(size),
  };
  const path = `${origin}${headers.location}`;
  const answer = await ask(path, { agent, method: 'PATCH', headers: piece }, async sent => {
    for (let left = size; left > 0; left -= CHUNK.byteLength)
      if (!sent.write(CHUNK)) await once(sent, 'drain');
  });
  expect(answer.statusCode).toBe(204);
}

const storages: Readonly<Record<string, () => Promise<AsyncDisposable & { readonly options: string[] }>>> = {
  disk: async () => ({ options: ['--root', join(folder, 'media')], async [Symbol.asyncDispose]() {} }),
  S3: async () => {
    const command = fileURLToPath(import.meta.resolve('@fieldfile/test-servers/s3-command'));
    const { told, ...server } = await started<{
      endpoint: string;
      accessKeyId: string;
      secretAccessKey: string;
    }>(command, ['--bucket', 'media', '--directory', folder]);
    const { endpoint: endpointUrl, accessKeyId: accessKey, secretAccessKey: secretKey } = told;
    const s3 = { bucketName: 'media', regionName: 'us-east-1', endpointUrl, accessKey, secretKey };
    return { options: ['--s3', JSON.stringify(s3)], ...server };
  },
};

test.each(Object.entries(storages))(
  'uploads need no more memory together, however many and large: %s',
  {
    timeout: 1_200_000,
  },
  async (name, makeStorage) => {
    await using storage = await makeStorage();
    const program = fileURLToPath(new URL('tus-server.ts', import.meta.url));
    const options = [...storage.options, '--journal', join(folder, `journal-${name}`)];
    // What V8 keeps of its own for new objects is another matter: it is up to some 50 MiB more without this.
    await using server = await started<{ origin: string }>(program, options, ['--max-semi-space-size=2']);
    const { pid = 0 } = server.child;
    const idle = (await memoryOf(pid)).now;
    const agent = new Agent({ keepAlive: true, maxSockets: PARALLEL });
    const growths: number[] = [];
    for (const size of [SIZE / 4, SIZE]) {
      await Promise.all(Array.from({ length: PARALLEL }, () => upload(server.told.origin, agent, size)));
      growths.push(Math.round(((await memoryOf(pid)).most - idle) / MEBIBYTE));
    }
    agent.destroy();
    console.info(
      `${PARALLEL} uploads of ${SIZE / 4 / MEBIBYTE} and ${SIZE / MEBIBYTE} MiB: ${growths} MiB more`,
    );
    for (const growth of growths) expect(growth).toBeLessThan(MOST[name] ?? 0);
  },
);
