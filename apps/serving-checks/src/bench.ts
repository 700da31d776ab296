import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { rivals } from './servers/rivals.ts';

// npm run bench --workspace=@fieldfile/serving-checks [-- --rounds 5]: files from the disk beside other servers, each in a
// process of its own, in turn, round by round. Needs the rivals: npm ci --prefix apps/serving-checks/rivals.

const KIBIBYTE = 1024;
const FILES = { 'small.bin': 16 * KIBIBYTE, 'large.bin': 256 * KIBIBYTE ** 2 };
const SMALL_REQUESTS = 8000;
const AT_ONCE = 16;
const OURS = 'FieldFile';

const { rounds } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } }).values;
const servers = [OURS, ...Object.keys(rivals)];
const requestsASecond = new Map<string, number[]>(servers.map(name => [name, []]));
const cpuMicroseconds = new Map<string, number[]>(servers.map(name => [name, []]));
const mebibytesASecond = new Map<string, number[]>(servers.map(name => [name, []]));

const root = await mkdtemp(join(tmpdir(), 'fieldfile-serving-bench-'));
try {
  for (const [name, size] of Object.entries(FILES))
    await writeFile(join(root, name), Buffer.alloc(size, 'x'));
  for (let round = 0; round < Number(rounds); round++)
    for (const server of [
      ...servers.slice(round % servers.length),
      ...servers.slice(0, round % servers.length),
    ])
      await measure(server);
} finally {
  await rm(root, { recursive: true });
}
row('', servers);
row(
  '---',
  servers.map(() => '---:'),
);
row(
  '16 KiB, requests a second',
  servers.map(name => median(requestsASecond, name).toFixed(0)),
);
row(
  '… of FieldFile',
  servers.map(name => ratio(requestsASecond, name)),
);
row(
  '16 KiB, CPU µs a request',
  servers.map(name => median(cpuMicroseconds, name).toFixed(0)),
);
row(
  '256 MiB, MiB a second',
  servers.map(name => median(mebibytesASecond, name).toFixed(0)),
);
row(
  '… of FieldFile',
  servers.map(name => ratio(mebibytesASecond, name)),
);

async function measure(server: string): Promise<void> {
  const execArgv = ['--conditions=@fieldfile/source'];
  const child = fork(new URL('./bench-server.ts', import.meta.url), [server, root], { execArgv });
  const exit = once(child, 'exit');
  try {
    const [port] = (await once(child, 'message')) as [number];
    const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
    await many(port, agent, SMALL_REQUESTS / 2); // its code is optimised by then
    const cpuBefore = await cpu(child);
    const small = await seconds(() => many(port, agent, SMALL_REQUESTS));
    requestsASecond.get(server)?.push(SMALL_REQUESTS / small);
    cpuMicroseconds.get(server)?.push((((await cpu(child)) - cpuBefore) * 1000) / SMALL_REQUESTS);
    const large = await seconds(() => read(port, 'large.bin', agent));
    mebibytesASecond.get(server)?.push(FILES['large.bin'] / KIBIBYTE ** 2 / large);
    agent.destroy();
  } finally {
    child.kill();
    await exit;
  }
}

async function cpu(child: ChildProcess): Promise<number> {
  child.send('cpu');
  return (await once(child, 'message'))[0];
}

async function seconds(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return (performance.now() - start) / 1000;
}

async function many(port: number, agent: Agent, count: number): Promise<void> {
  let left = count;
  const client = async (): Promise<void> => {
    while (left-- > 0) await read(port, 'small.bin', agent);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, client));
}

function read(port: number, name: keyof typeof FILES, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const onResponse = (response: IncomingMessage): void => {
      let bytes = 0;
      response.on('data', chunk => {
        bytes += chunk.byteLength;
      });
      response.once('end', () => {
        if (response.statusCode === 200 && bytes === FILES[name]) resolve();
        else reject(new Error(`${response.statusCode} with ${bytes} bytes`));
      });
    };
    get({ host: '127.0.0.1', port, path: `/${name}`, agent }, onResponse).once('error', reject);
  });
}

function median(figures: ReadonlyMap<string, readonly number[]>, name: string): number {
  const sorted = (figures.get(name) ?? []).toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function ratio(figures: ReadonlyMap<string, readonly number[]>, name: string): string {
  return (median(figures, OURS) / median(figures, name)).toFixed(2);
}

function row(title: string, cells: readonly string[]): void {
  console.log(`| ${[title, ...cells].join(' | ')} |`);
}
