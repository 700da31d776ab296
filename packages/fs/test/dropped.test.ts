import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const DROP = `
  const { FileSystemStorage } = await import('@fieldfile/fs');
  const { mkdtempSync, readdirSync, readlinkSync, rmSync } = await import('node:fs');
  const root = mkdtempSync(process.argv[1]);
  const storage = new FileSystemStorage({ root, durability: 'process-crash' });
  await storage.save('a.bin', new Uint8Array(3_000_000));
  await (await storage.open('a.bin')).stream.getReader().read();
  await (await storage.open('a.bin')).bytes();
  const open = () => readdirSync('/proc/self/fd').filter(fd => {
    try { return readlinkSync('/proc/self/fd/' + fd).endsWith('a.bin') } catch { return false }
  }).length;
  console.log(open());
  for (let round = 0; round < 20 && open() > 0; round++) {
    gc();
    await new Promise(resolve => setImmediate(resolve));
  }
  console.log(open());
  rmSync(root, { recursive: true });
`;

// Node 22 strips types but does not know what the source is written with; descriptors are looked at through /proc.
const runs = Number.parseInt(process.versions.node, 10) >= 24 && process.platform === 'linux';

test.runIf(runs).each([
  ['development', 1],
  ['production', 0],
])('in %s a dropped reader is closed, with %d warnings', async (mode, warnings) => {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [
      '--conditions=@fieldfile/source',
      '--expose-gc',
      '--input-type=module',
      '--eval',
      DROP,
      join(tmpdir(), 'fieldfile-drop-'),
    ],
    { cwd: import.meta.dirname, env: { PATH: process.env.PATH, NODE_ENV: mode } },
  );
  expect(stdout).toBe('1\n0\n');
  const told = stderr.match(/FieldFileWarning: "a\.bin" of storage "fs:.*" was opened, and dropped/g) ?? [];
  expect(told).toHaveLength(warnings);
});
