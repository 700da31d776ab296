import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Runs the S3 contract on a real radosgw (Ceph's S3 server) that is started for it and stopped in every case.
// Arguments go to vitest: `npm run test:radosgw -- -t S1`.

const PROGRAMS = ['ceph-mon', 'ceph-osd', 'radosgw', 'radosgw-admin', 'ceph', 'monmaptool'];
const ACCESS_KEY = 'radosgw-test-key';
const SECRET_KEY = 'radosgw-test-secret';

const missing = PROGRAMS.filter(program => spawnSync(program, ['--version']).error);
if (missing.length > 0) {
  console.error(
    `test:radosgw needs ${missing.join(', ')}. On Debian and Ubuntu:\n\n` +
      '  apt-get install --no-install-recommends radosgw ceph-mon ceph-osd\n\n' +
      'Nothing has to be configured or running. It installs nothing itself.',
  );
  process.exit(1);
}

const directory = await mkdtemp(join(tmpdir(), 'fieldfile-radosgw-'));
const script = (name: string, ...values: readonly string[]): Promise<number> =>
  run('bash', [join(import.meta.dirname, name), directory, ...values]);
const stop = async (): Promise<void> => {
  await script('down.sh');
  await rm(directory, { recursive: true, force: true });
};

// The terminal sends it to the whole group: what runs ends, and the lines below stop the server.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => running?.kill(signal));

let running: ReturnType<typeof spawn> | undefined;
try {
  const [port, monitorPort] = await freePorts();
  const started = performance.now();
  process.exitCode = await script('up.sh', String(port), String(monitorPort), ACCESS_KEY, SECRET_KEY);
  if (process.exitCode === 0) {
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`radosgw listens on 127.0.0.1:${port} after ${seconds} s.`);
    process.exitCode = await run(
      'vitest',
      ['run', '--mode=ci', 'packages/s3/src/conformance.test.ts', ...process.argv.slice(2)],
      {
        FIELDFILE_TEST_S3_ENDPOINT: `http://127.0.0.1:${port}`,
        FIELDFILE_TEST_S3_ACCESS_KEY: ACCESS_KEY,
        FIELDFILE_TEST_S3_SECRET_KEY: SECRET_KEY,
        FIELDFILE_TEST_S3_FORM_HEADERS: 'no', // it drops Cache-Control and Content-Disposition
      },
    );
  }
} finally {
  await stop();
}

async function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
  running = spawn(command, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  const [code] = (await once(running, 'exit')) as [number | null];
  running = undefined;
  return code ?? 1;
}

/** Two at once, so that they differ. */
async function freePorts(): Promise<readonly [number, number]> {
  const servers = [createServer(), createServer()] as const;
  const [first, second] = await Promise.all(
    servers.map(async server => {
      await once(server.listen(0, '127.0.0.1'), 'listening');
      return (server.address() as AddressInfo).port;
    }),
  );
  for (const server of servers) server.close();
  return [first as number, second as number];
}
