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
    stdout.match(
      /^10?kb, memory_start=[\d.]+MB, memory_end=[\d.]+MB, memory_diff=-?[\d.]+MB, after a turn and a GC -?[\d.]+MB$/gm,
    ),
  ).toHaveLength(8);
  expect(stdout).toMatch(/^strong, handles held, sync loop +100 +100$/m);
  expect(stdout).toMatch(/^weak, handles held, sync loop +0 +0$/m);
  expect(stdout).toMatch(/^bare loop, sync +0 +0$/m);
  expect(stderr).toContain('[8/8] naive, hold, sync: 100 × 10kb\n');
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
    flags: 'size',
    iterations: 7,
    memoryStartMB: expect.any(Number),
    memoryEndMB: expect.any(Number),
    memoryDiffMB: expect.any(Number),
    collectedDiffMB: expect.any(Number),
    peakRssMB: expect.any(Number),
    liveOwners: 0,
  });
});

test('with --table, prints medians beside the bare loop, and nothing of single rounds', async () => {
  const { stdout, stderr } = await leak(
    '--table',
    '--rounds=2',
    '--sizes=10kb',
    '--iterations=3',
    '--loop=sync',
  );
  expect(stdout).toMatch(/^--optimize-for-size, 10kb × 3 +peak/);
  expect(stdout).toMatch(/^V8's defaults, 10kb × 3 +peak/m);
  expect(stdout.match(/^bare loop, sync +.+ 0$/gm)).toHaveLength(2);
  expect(stdout.match(/^weak, handles (dropped|held), sync loop +.+ 0$/gm)).toHaveLength(4);
  expect(stdout).not.toContain('memory_start');
  expect(stderr).toContain('[12/12] ');
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
      '--ownership: "week" is none of bare, strong, weak, naive.\nnpm run leak -- --help lists the options.\n',
  });
});

test('explains its options', async () => {
  const { code, stdout } = await leak('--help');
  expect(code).toBe(0);
  for (const option of [
    'ownership',
    'pattern',
    'loop',
    'flags',
    'sizes',
    'iterations',
    'table',
    'rounds',
    'json',
    'plot',
  ])
    expect(stdout).toContain(`  --${option} `);
});
