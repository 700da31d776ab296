import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CONTRACTS } from '@fieldfile/test-servers/contracts';
import { mariadbMissing } from '@fieldfile/test-servers/mariadb';

// Runs the binding contract on every declared database and driver, and prints one table: what passed, what was skipped and
// why, and what failed. `npm run contract drizzle knex` runs these packages only.

interface Found {
  readonly passed: number;
  readonly failed: string;
  /** Reasons, and the behaviours that were skipped for each. */
  readonly skipped: string;
}

const root = join(import.meta.dirname, '..');
const asked = process.argv.slice(2);
const folders = Object.keys(CONTRACTS).filter(folder => asked.length === 0 || asked.includes(folder));
const found = new Map<string, Found>();

const tests = folders.map(folder => `packages/${folder}/src/conformance.test.ts`);
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const child = spawn(
  process.execPath,
  [vitest, 'run', '--mode=test', '--reporter=verbose', '--silent=false', ...tests],
  {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1', FIELDFILE_TEST_CONTRACT: 'whole' },
    stdio: ['ignore', 'pipe', 'inherit'],
  },
);
const ended = once(child, 'close');
// What is known by then is told.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill());
for await (const line of createInterface({ input: child.stdout })) {
  const summary =
    /^(.+): \d+ behaviours, (\d+) passed(?:, \d+ failed \((.*?)\))?(?:, \d+ skipped \((.*)\))?$/.exec(line);
  const [, name = '', passed, failed = '', skipped = ''] = summary ?? [];
  if (summary) found.set(name, { passed: Number(passed), failed, skipped });
}
await ended;

const lines = [['binding', 'database', 'driver', 'passed', 'failed', 'skipped', 'reasons']];
for (const folder of folders)
  for (const { name, database, driver } of CONTRACTS[folder]?.runs ?? []) {
    const result = found.get(name);
    const missing = database === 'MariaDB' && mariadbMissing();
    if (!result) {
      lines.push([folder, database, driver, '', '', '', `not run: ${missing || 'nothing was told of it'}`]);
      if (!missing) process.exitCode = 1;
      continue;
    }
    const reasons = result.skipped.split('; ').filter(Boolean);
    const counted = reasons.map(reason => `${reason.slice(0, reason.lastIndexOf(': '))} (${count(reason)})`);
    const skipped = reasons.reduce((sum, reason) => sum + count(reason), 0);
    lines.push([
      folder,
      database,
      driver,
      `${result.passed}`,
      result.failed || '0',
      `${skipped}`,
      counted.join('; '),
    ]);
    if (result.failed) process.exitCode = 1;
  }
for (const cells of lines) {
  console.log(`| ${cells.map(cell => cell.replaceAll('`', '')).join(' | ')} |`);
  if (cells === lines[0]) console.log(`|${'---|'.repeat(cells.length)}`);
}

/** How many behaviours were skipped for a reason: `… : T8.retried, T12.pool`. */
function count(reason: string): number {
  return reason.slice(reason.lastIndexOf(': ')).split(', ').length;
}
