import { type ChildProcess, execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { S3Storage } from '@fieldfile/s3';
import { type S3Server, startS3Server } from '@fieldfile/test-servers/s3';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import type { StorageReport } from './demo/storage-report.ts';

const workspace = join(import.meta.dirname, '../../..');
/** The pinned one, as `npm run` takes it. */
const node = join(workspace, 'node_modules/.bin/node');
const flags = ['--expose-gc', '--conditions=@fieldfile/source', '--disable-warning=ExperimentalWarning'];

const folders: string[] = [];

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fieldfile-demo-test-'));
  chmodSync(folder, 0o755);
  folders.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly onStart?: (child: ChildProcess) => void;
  readonly user?: number | undefined;
}

function demo(
  args: readonly string[],
  { env = {}, onStart = () => {}, user }: RunOptions = {},
): Promise<Outcome> {
  return new Promise(resolve => {
    const child = execFile(
      node,
      [...flags, join(import.meta.dirname, 'demo.ts'), ...args],
      {
        env: { ...process.env, NO_COLOR: '1', ...env },
        ...(user === undefined ? {} : { uid: user, gid: user }),
      },
      (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
    onStart(child);
  });
}

const reportsOf = ({ stdout }: Outcome): StorageReport[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as StorageReport);

test('takes the samples through all five storages, and says so in a table', async () => {
  const outcome = await demo([]);
  expect(outcome.stdout).toMatch(
    /✔ 14 files \(1\.0 MiB\) on 5 storages: every content came back as it was, and nothing is left\./,
  );
  expect(outcome.code).toBe(0);
  const lines = outcome.stdout.split('\n').filter(line => line !== '');
  expect(lines[0]?.trim().split(/ +/)).toEqual(['fs', 's3', 'gcs', 'azure', 'memory']);
  for (const label of ['objects left', 'checks failed'])
    expect(lines.find(line => line.startsWith(label))).toMatch(/(?: +0){5}$/);
  expect(new Set(lines.slice(0, -1).map(line => line.length))).toHaveLength(1); // aligned
  for (const step of ['save', 'read', 'url', 'replace', 'delete'])
    expect(outcome.stderr).toMatch(new RegExp(`^azure: ${step}, (14|4) files, 1\\.0 MiB, `, 'm'));
  expect(outcome.stderr).not.toMatch(/warning/i);
});

/** A folder with what goes wrong in folders, and 300 files that do not. */
function hostileFolder(): string {
  const folder = temporaryFolder();
  for (const name of ['many', 'same', 'same/again']) mkdirSync(join(folder, name));
  for (let number = 0; number < 300; number++)
    writeFileSync(join(folder, 'many', `${number}.txt`), `file ${number}`);
  for (const name of ['same', 'same/again', '.']) writeFileSync(join(folder, name, 'same.txt'), name);
  writeFileSync(join(folder, 'line\nbreak.txt'), 'a name of two lines');
  writeFileSync(join(folder, 'x'.repeat(250)), 'a name that leaves no room for more');
  writeFileSync(join(folder, 'closed.txt'), 'nobody may read this', { mode: 0 });
  symlinkSync(workspace, join(folder, 'link'));
  symlinkSync(join(folder, 'nowhere'), join(folder, 'same/dangling'));
  return folder;
}

test('a hostile folder: keeps what can be kept, misses what cannot be read, follows no link', async () => {
  // Root reads everything.
  const user = process.getuid?.() === 0 ? 65_534 : undefined;
  const outcome = await demo([hostileFolder(), '--json'], { user });
  const reports = reportsOf(outcome);
  expect(reports.map(({ storage }) => storage)).toEqual(['fs', 's3', 'gcs', 'azure', 'memory']);
  for (const { storage, files, steps, objectsLeft, failures, peakRssBytes, bytes } of reports) {
    expect(failures).toEqual([
      {
        step: 'save',
        file: 'closed.txt',
        code: 'permission',
        message: expect.stringContaining('closed.txt'),
      },
    ]);
    expect({ files, objectsLeft }).toEqual({ files: 306, objectsLeft: 0 });
    const kept = { files: 305, bytes, milliseconds: expect.any(Number) };
    expect(steps).toEqual({
      save: kept,
      read: kept,
      ...(storage === 'memory' ? {} : { url: kept }),
      replace: { files: 76, bytes: expect.any(Number), milliseconds: expect.any(Number) },
      delete: kept,
    });
    expect(peakRssBytes).toBeGreaterThan(2 ** 20);
  }
  expect(outcome.code).toBe(1);
}, 240_000);

test('a storage that cannot be reached is a failure with its code, and the others go on', async () => {
  const env = {
    FIELDFILE_DEMO_S3_BUCKET: 'media',
    FIELDFILE_DEMO_S3_ENDPOINT: 'http://127.0.0.1:1',
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'secret',
  };
  const { code, stdout } = await demo(['--only', 's3,memory'], { env });
  expect(code).toBe(1);
  expect(stdout).toMatch(/^✘ s3, open: .*ECONNREFUSED.* \(backend\)$/m);
  expect(stdout).toMatch(/^save +– +\d+ ms$/m);
  expect(stdout).toContain('✘ 14 files (1.0 MiB) on 2 storages: 1 check failed.');
});

let server: S3Server;
let proxy: Server;
/** What happens when the command has found its files and turns to the storage. */
let onFirstConnection: () => void;

beforeEach(async () => {
  server = await startS3Server({ buckets: ['media'] });
  let connections = 0;
  proxy = createServer(socket => {
    if (connections++ === 0) onFirstConnection();
    const onwards = connect(Number(new URL(server.endpoint).port), '127.0.0.1');
    socket.pipe(onwards).pipe(socket);
    for (const end of [socket, onwards]) end.on('error', () => [socket, onwards].map(one => one.destroy()));
  });
  onFirstConnection = () => {};
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  await server.close();
  await new Promise(resolve => proxy.close(resolve));
});

const s3Environment = (): Record<string, string> => ({
  FIELDFILE_DEMO_S3_BUCKET: 'media',
  FIELDFILE_DEMO_S3_ENDPOINT: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
  AWS_ACCESS_KEY_ID: server.accessKeyId,
  AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
});

async function objectsOnServer(): Promise<string[]> {
  const storage = new S3Storage({
    bucketName: 'media',
    endpointUrl: server.endpoint,
    accessKey: server.accessKeyId,
    secretKey: server.secretAccessKey,
  });
  const keys = await Array.fromAsync(storage.list(), ({ name }) => name);
  await storage[Symbol.asyncDispose]();
  return keys;
}

test('a file that vanishes after it was found is a failure with its code', async () => {
  const folder = temporaryFolder();
  for (const name of ['a.txt', 'b.txt', 'c.txt']) writeFileSync(join(folder, name), name);
  onFirstConnection = () => rmSync(join(folder, 'b.txt'));
  const outcome = await demo([folder, '--only=s3', '--json'], { env: s3Environment() });
  expect(outcome.code).toBe(1);
  expect(reportsOf(outcome)).toMatchObject([
    {
      place: 'real',
      files: 3,
      steps: { save: { files: 2 }, delete: { files: 2 } },
      objectsLeft: 0,
      failures: [{ step: 'save', file: 'b.txt', code: 'not-found' }],
    },
  ]);
  expect(await objectsOnServer()).toEqual([]);
});

test('interrupted, it leaves nothing on a real storage', async () => {
  const outcome = await demo(['--only=s3', '--concurrency=1'], {
    env: s3Environment(),
    onStart(child) {
      onFirstConnection = () => child.kill('SIGINT');
    },
  });
  expect(outcome).toMatchObject({ code: 130, stdout: '' });
  expect(await objectsOnServer()).toEqual([]);
});

test('with --keep, leaves rows and objects where it says', async () => {
  const root = temporaryFolder();
  const env = { ...s3Environment(), FIELDFILE_DEMO_FS_ROOT: root };
  const { code, stdout } = await demo(['--only=fs,s3', '--keep'], { env });
  expect(code).toBe(0);
  const [, database = '', below = ''] =
    /^Kept: the rows in (.+), the objects below (.+)\/$/m.exec(stdout) ?? [];
  folders.push(dirname(database));
  expect(existsSync(database)).toBe(true);
  expect(readdirSync(join(root, below))).toHaveLength(14);
  const kept = await objectsOnServer();
  expect(kept).toHaveLength(14);
  expect(kept.filter(key => /\/report\w*\.csv$/.test(key))).toHaveLength(2);
});

test.each([
  [['--only', 's4'], '--only: "s4" is none of fs, s3, gcs, azure, memory.'],
  [['/no/such/folder'], '"/no/such/folder" does not exist, or may not be seen.'],
  [['--config', '/no/such/file'], /^--config: "\/no\/such\/file" cannot be read/],
])('refuses %j in one line', async (args, message) => {
  const { code, stdout, stderr } = await demo(args);
  const [first = '', ...rest] = stderr.trimEnd().split('\n');
  expect({ code, stdout, rest }).toEqual({
    code: 2,
    stdout: '',
    rest: ['npm run demo:storages -- --help lists the options.'],
  });
  if (typeof message === 'string') expect(first).toBe(message);
  else expect(first).toMatch(message);
});

test('refuses an empty folder, and options that a storage refuses', async () => {
  expect(await demo([temporaryFolder()])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('has no files to keep.'),
  });
  expect(
    await demo(['--only=s3'], { env: { FIELDFILE_DEMO_S3_ENDPOINT: 'http://127.0.0.1:1' } }),
  ).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^S3Storage cannot use bucketName undefined: /),
  });
});

test('explains its options', async () => {
  const { code, stdout } = await demo(['--help']);
  expect(code).toBe(0);
  for (const option of ['only', 'concurrency', 'config', 'keep', 'json', 'help'])
    expect(stdout).toContain(`  --${option} `);
});
