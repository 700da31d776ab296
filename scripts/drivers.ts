import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { CONTRACTS } from '@fieldfile/test-servers/contracts';
import type { OtherDriver } from '@fieldfile/test-servers/other-driver';
import type { FoundOfDriver } from './drivers/run.ts';

// Installs the drivers that no test installs into a temporary folder, runs the binding contract with each, and prints one
// table. `npm run drivers PGlite Bun` runs those only whose name has one of these words.

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const words = process.argv.slice(2).map(word => word.toLowerCase());

const drivers: { readonly folder: string; readonly driver: OtherDriver }[] = [];
for (const folder of Object.keys(CONTRACTS)) {
  const file = join(root, 'packages', folder, 'test/other-drivers.ts');
  if (!existsSync(file)) continue;
  const { otherDrivers } = (await import(pathToFileURL(file).href)) as {
    readonly otherDrivers: readonly OtherDriver[];
  };
  for (const driver of otherDrivers)
    if (words.length === 0 || words.some(word => driver.name.toLowerCase().includes(word)))
      drivers.push({ folder, driver });
}

const home = await mkdtemp(join(tmpdir(), 'fieldfile-drivers-'));
try {
  await writeFile(join(home, 'package.json'), '{ "private": true }');
  const packages = [...new Set(drivers.flatMap(({ driver }) => driver.packages))];
  // Nothing is compiled: what has to be is the workspace's.
  const options = ['--no-audit', '--no-fund', '--legacy-peer-deps', '--force', '--ignore-scripts'];
  await run('npm', ['install', ...options, ...packages], { cwd: home });
  console.log('| driver | version | passed | skipped | not asked | failed |\n|---|---|---|---|---|---|');
  for (const { folder, driver } of drivers) await tell(folder, driver);
} finally {
  await rm(home, { recursive: true, force: true });
}

async function tell(folder: string, driver: OtherDriver): Promise<void> {
  const versions = await Promise.all(driver.packages.map(versionOf));
  const { refusal, passed, skipped, leftOut, failed } = await result(folder, driver);
  if (refusal) console.log(`| ${driver.name} | ${versions.join(', ')} | refused: ${refusal} | | | |`);
  else {
    const cells = [driver.name, versions.join(', '), passed, skipped, leftOut.length, failed.length];
    console.log(`| ${cells.join(' | ')} |`);
  }
  for (const { id, error } of failed) console.error(`  ${driver.name}: ${id}: ${error}`);
  if (leftOut.length > 0) console.error(`  ${driver.name}: not asked: ${leftOut.join(', ')}`);
  if (failed.length > 0) process.exitCode = 1;
}

async function result(folder: string, { name, runtime }: OtherDriver): Promise<FoundOfDriver> {
  const script = join(import.meta.dirname, 'drivers/run.ts');
  const options = ['--conditions=@fieldfile/source', '--expose-gc'];
  const hook = pathToFileURL(join(import.meta.dirname, 'drivers/resolve.ts'));
  const [command, hooks] =
    runtime === 'bun'
      ? [join(home, 'node_modules/@oven/bun-linux-x64/bin/bun'), []]
      : [process.execPath, [`--import=${hook.href}?${encodeURIComponent(home)}`]];
  try {
    const { stdout } = await run(command, [...options, ...hooks, script, folder, name], {
      cwd: root,
      maxBuffer: 64 * 1024 * 1024,
    });
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as FoundOfDriver;
  } catch (error) {
    return { passed: 0, skipped: 0, leftOut: [], failed: [{ id: 'process', error: String(error) }] };
  }
}

async function versionOf(name: string): Promise<string> {
  const path = join(home, 'node_modules', name.replace(/(?<=.)@.*$/, ''), 'package.json');
  return `${name} ${(JSON.parse(await readFile(path, 'utf8')) as { readonly version: string }).version}`;
}
