import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'fieldfile-leak-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function leak(...args: string[]): Promise<Outcome> {
  const command = ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'leak.ts')];
  return new Promise(resolve => {
    execFile(process.execPath, [...command, ...args], (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

test('prints a line for each configuration, closing tables, and progress beside them', async () => {
  const { code, stdout, stderr } = await leak('--sizes', '1kb,10kb', '--pattern', 'hold', '--loop', 'sync');
  expect(code).toBe(0);
  expect(
    stdout.match(/^10?kb, memory_start=[\d.]+MB, memory_end=[\d.]+MB, memory_diff=-?[\d.]+MB$/gm),
  ).toHaveLength(6);
  expect(stdout).toMatch(/^strong, handles held, sync loop +100 +100$/m);
  expect(stdout).toMatch(/^weak, handles held, sync loop +0 +0$/m);
  expect(stderr).toContain('[6/6] naive, hold, sync: 100 × 10kb\n');
});

test('with --json, prints nothing but one object a line', async () => {
  const { stdout } = await leak('--json', '--sizes=1kb', '--ownership=weak', '--iterations=7');
  const measurements = stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  expect(measurements).toHaveLength(4);
  expect(measurements[0]).toEqual({
    size: '1kb',
    ownership: 'weak',
    pattern: 'drop',
    loop: 'sync',
    iterations: 7,
    memoryStartMB: expect.any(Number),
    memoryEndMB: expect.any(Number),
    memoryDiffMB: expect.any(Number),
    peakRssMB: expect.any(Number),
    liveOwners: 0,
  });
});

test('with --plot, writes a chart', async () => {
  const path = join(folder, 'leak.svg');
  const { code, stderr } = await leak(
    '--plot',
    path,
    '--sizes=1kb',
    '--pattern=drop',
    '--loop=sync',
    '--iterations=3',
  );
  expect(code).toBe(0);
  expect(stderr).toContain(`Chart: ${path}`);
  expect(readFileSync(path, 'utf8')).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
});

test('refuses what it does not know before it measures anything', async () => {
  const { code, stdout, stderr } = await leak('--ownership', 'week');
  expect({ code, stdout, stderr }).toEqual({
    code: 2,
    stdout: '',
    stderr:
      '--ownership: "week" is none of strong, weak, naive.\nnpm run leak -- --help lists the options.\n',
  });
});

test('explains its options', async () => {
  const { code, stdout } = await leak('--help');
  expect(code).toBe(0);
  for (const option of ['ownership', 'pattern', 'loop', 'sizes', 'iterations', 'json', 'plot'])
    expect(stdout).toContain(`  --${option} `);
});
