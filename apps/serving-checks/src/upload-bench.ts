import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { hasClamd, startClamd } from '@fieldfile/test-servers/clamd';

// npm run upload-bench -- [--rounds 5] [--size 256] [--no-clamd]: a form with a large file to the disk, through FieldFile, through busboy and a
// bare durable write, and, where clamd is installed, through FieldFile with clamd. Each in a process of its own, in turn, round by
// round. Figures are medians; "over the bare way" is by the best of each.

const MEBIBYTE = 1024 ** 2;
const BARE = 'busboy and a bare durable write';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    size: { type: 'string', default: '256' },
    clamd: { type: 'boolean', default: true },
  },
  allowNegative: true,
});
const sizeBytes = Number(values.size) * MEBIBYTE;
const rounds = Number(values.rounds);

/** Beyond its limits clamd refuses. */
const CLAMD = { MaxFileSize: '2000M', MaxScanSize: '2000M', StreamMaxLength: '2000M', MaxScanTime: '600000' };

interface Figures {
  readonly mebibytesASecond: number;
  readonly cpuMilliseconds: number;
}

await using scanner = values.clamd && hasClamd() ? await startClamd(CLAMD) : undefined;
const root = await mkdtemp(join(tmpdir(), 'fieldfile-upload-bench-'));
try {
  const ways = [BARE, 'FieldFile', ...(scanner ? ['FieldFile, with clamd'] : [])];
  const figures = new Map<string, Figures[]>(ways.map(way => [way, []]));
  for (let round = 0; round < rounds; round++) {
    const first = round % ways.length;
    for (const way of [...ways.slice(first), ...ways.slice(0, first)])
      figures.get(way)?.push(await measure(way));
  }
  const speeds = ways.map(way => (figures.get(way) ?? []).map(one => one.mebibytesASecond));
  const best = speeds.map(all => Math.max(...all));
  console.log(`| a form with ${values.size} MiB | ${ways.join(' | ')} |`);
  console.log(`|---|${ways.map(() => '---:|').join('')}`);
  console.log(`| MiB a second | ${speeds.map(all => median(all).toFixed(0)).join(' | ')} |`);
  console.log(`| … over the bare way | ${best.map(one => (one / (best[0] ?? 1)).toFixed(2)).join(' | ')} |`);
  const cpu = ways.map(way => median((figures.get(way) ?? []).map(one => one.cpuMilliseconds)));
  console.log(`| CPU ms | ${cpu.map(one => one.toFixed(0)).join(' | ')} |`);
} finally {
  await rm(root, { recursive: true });
}

async function measure(way: string): Promise<Figures> {
  const folder = await mkdtemp(join(root, 'way-'));
  const args = [way, folder, scanner?.socketPath ?? ''];
  const execArgv = ['--conditions=@fieldfile/source', '--disable-warning=ExperimentalWarning'];
  const child = fork(new URL('./upload-server.ts', import.meta.url), args, { execArgv });
  const exit = once(child, 'exit');
  try {
    const [port] = (await once(child, 'message')) as [number];
    await send(port, 8 * MEBIBYTE); // its code is optimised by then
    const cpuBefore = await cpuOf(child);
    const start = performance.now();
    await send(port, sizeBytes);
    const seconds = (performance.now() - start) / 1000;
    return {
      mebibytesASecond: sizeBytes / MEBIBYTE / seconds,
      cpuMilliseconds: (await cpuOf(child)) - cpuBefore,
    };
  } finally {
    child.kill();
    await exit;
    await rm(folder, { recursive: true });
  }
}

async function cpuOf(child: ChildProcess): Promise<number> {
  child.send('cpu');
  return (await once(child, 'message'))[0];
}

async function send(port: number, bytes: number): Promise<void> {
  const before = Buffer.from(
    '--boundary\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\nContent-Type: application/octet-stream\r\n\r\n',
  );
  const after = Buffer.from('\r\n--boundary--\r\n');
  const sending = request({
    ...{ host: '127.0.0.1', port, path: '/', method: 'POST', agent: false },
    headers: {
      'content-type': 'multipart/form-data; boundary=boundary',
      'content-length': before.byteLength + bytes + after.byteLength,
    },
  });
  const answered = once(sending, 'response');
  const chunk = Buffer.alloc(MEBIBYTE, 'x');
  sending.write(before);
  for (let left = bytes; left > 0; left -= chunk.byteLength)
    if (!sending.write(chunk.subarray(0, left))) await Promise.race([once(sending, 'drain'), answered]);
  sending.end(after);
  const [response] = await answered;
  response.resume();
  if (response.statusCode !== 201) throw new Error(`It was answered ${response.statusCode}.`);
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
