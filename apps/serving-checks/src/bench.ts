import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { S3Storage } from '@fieldfile/s3';
import { BUCKET, connect, PIPED, startService } from './servers/bench-s3.ts';
import { rivals } from './servers/rivals.ts';

// npm run bench --workspace=@fieldfile/serving-checks [-- --rounds 5 --only disk|s3]: files from the disk beside other servers,
// and from S3 beside the SDK, each in a process of its own, in turn, round by round. The others are installed by
// npm ci --prefix apps/serving-checks/rivals.

const KIBIBYTE = 1024;
const FILES = { 'small.bin': 16 * KIBIBYTE, 'large.bin': 128 * KIBIBYTE ** 2 };
const AT_ONCE = 16;
const OURS = 'FieldFile';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, only: { type: 'string' } },
});
const { only } = values;
const rounds = Number(values.rounds);

const root = await mkdtemp(join(tmpdir(), 'fieldfile-serving-bench-'));
const s3 = await startService();
try {
  for (const [name, size] of Object.entries(FILES)) {
    const content = Buffer.alloc(size, 'x');
    await writeFile(join(root, name), content);
    const { endpoint, client } = connect(s3.service);
    await new S3Storage({ bucketName: BUCKET, endpointUrl: endpoint, client }).save(name, content);
  }
  if (only !== 's3') await compare('from the disk', [OURS, ...Object.keys(rivals)], root, 8000);
  if (only !== 'disk') await compare('from S3', [OURS, PIPED], s3.service, 1000);
} finally {
  s3.child.kill();
  await rm(root, { recursive: true });
}

interface Figures {
  readonly requestsASecond: number;
  readonly cpuMicroseconds: number;
  readonly mebibytesASecond: number;
  readonly largeCpuMilliseconds: number;
}

/** Each server in turn, round by round, and the medians beside one another. */
async function compare(
  title: string,
  servers: readonly string[],
  place: string,
  requests: number,
): Promise<void> {
  const figures = new Map<string, Figures[]>(servers.map(name => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const first = round % servers.length;
    for (const server of [...servers.slice(first), ...servers.slice(0, first)])
      figures.get(server)?.push(await measure(server, place, requests));
  }
  const medians = (figure: keyof Figures): number[] =>
    servers.map(name => median((figures.get(name) ?? []).map(one => one[figure])));
  const ratios = (figure: keyof Figures): string[] => {
    const [ours = Number.NaN, ...others] = medians(figure);
    return ['', ...others.map(other => (ours / other).toFixed(2))];
  };
  const whole = (numbers: readonly number[]): string[] => numbers.map(number => number.toFixed(0));
  row(title, servers);
  row(
    '---',
    servers.map(() => '---:'),
  );
  row('16 KiB, requests a second', whole(medians('requestsASecond')));
  row('… FieldFile over it', ratios('requestsASecond'));
  row('16 KiB, CPU µs a request', whole(medians('cpuMicroseconds')));
  row('128 MiB, MiB a second', whole(medians('mebibytesASecond')));
  row('… FieldFile over it', ratios('mebibytesASecond'));
  row('128 MiB, CPU ms', whole(medians('largeCpuMilliseconds')));
  console.log();
}

async function measure(server: string, place: string, requests: number): Promise<Figures> {
  const execArgv = ['--conditions=@fieldfile/source'];
  const child = fork(new URL('./bench-server.ts', import.meta.url), [server, place], { execArgv });
  const exit = once(child, 'exit');
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  try {
    const [port] = (await once(child, 'message')) as [number];
    await many(port, agent, requests / 2); // its code is optimised by then
    const cpuBefore = await cpu(child);
    const small = await seconds(() => many(port, agent, requests));
    const cpuUsed = (await cpu(child)) - cpuBefore;
    await read(port, 'large.bin', agent);
    const largeCpuBefore = await cpu(child);
    const large = await seconds(() => read(port, 'large.bin', agent));
    return {
      requestsASecond: requests / small,
      cpuMicroseconds: (cpuUsed * 1000) / requests,
      mebibytesASecond: FILES['large.bin'] / KIBIBYTE ** 2 / large,
      largeCpuMilliseconds: (await cpu(child)) - largeCpuBefore,
    };
  } finally {
    agent.destroy();
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

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function row(title: string, cells: readonly string[]): void {
  console.log(`| ${[title, ...cells].join(' | ')} |`);
}
