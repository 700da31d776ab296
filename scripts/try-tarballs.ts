import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { packAll, type Tarball } from './tarballs.ts';

// Installs what would be published into an empty project and uses it there. Run by `node --test`.

const root = join(import.meta.dirname, '..');
const project = mkdtempSync(join(tmpdir(), 'fieldfile-consumer-'));
let tarballs: Tarball[] = [];
let withSdk: Tarball[] = [];

before(async () => {
  cpSync(join(import.meta.dirname, 'consumer'), project, { recursive: true });
  writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  const packed = await packAll(project);
  tarballs = packed.filter(tarball => !tarball.needsSdk);
  withSdk = packed.filter(tarball => tarball.needsSdk);
  await install(nodeTypes(), ...tarballs.map(tarball => tarball.path));
});

after(() => rmSync(project, { recursive: true, force: true }));

test('brings nothing but itself', context => {
  const modules = join(project, 'node_modules');
  const installed = readdirSync(modules).filter(name => !name.startsWith('.'));
  assert.deepEqual(installed.sort(), ['@fieldfile', '@types', 'undici-types']);
  for (const { name, sizeBytes } of tarballs)
    context.diagnostic(
      `${name}: ${kilobytes(sizeBytes)} packed, ${kilobytes(installedBytes(join(modules, name)))} installed`,
    );
});

test('resolves to the built files', () => resolvesToBuilt(tarballs));

test('saves, reads and deletes a file of a row', async () => {
  await run(process.execPath, 'program.js');
});

test('loads by require', async () => {
  await run(process.execPath, 'program.cjs');
});

test('type-checks on a server without DOM types, declarations included', () =>
  typeCheck('--module', 'nodenext', '--lib', 'es2024'));

test('type-checks as bundlers resolve', () =>
  typeCheck('--module', 'esnext', '--moduleResolution', 'bundler', '--skipLibCheck'));

test('cloud packages come with their SDK as a peer, and load', async () => {
  await install(...withSdk.map(tarball => tarball.path));
  await resolvesToBuilt(withSdk);
  for (const { name } of withSdk)
    await run(process.execPath, '--input-type=module', '--eval', `await import(${JSON.stringify(name)})`);
});

async function resolvesToBuilt(packages: readonly Tarball[]): Promise<void> {
  for (const { name } of packages) {
    const script = `console.log(import.meta.resolve(${JSON.stringify(name)}))`;
    const { stdout } = await run(process.execPath, '--input-type=module', '--eval', script);
    assert.match(stdout, /\/dist\/index\.js$/m);
  }
}

const install = (...packages: readonly string[]): Promise<unknown> =>
  run('npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', ...packages);

function run(command: string, ...args: string[]): Promise<{ stdout: string }> {
  return promisify(execFile)(command, args, { cwd: project });
}

/** No custom condition and the project's own settings: what any TypeScript user has. */
async function typeCheck(...options: string[]): Promise<void> {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  try {
    await run(
      process.execPath,
      tsc,
      '--noEmit',
      '--strict',
      '--target',
      'es2022',
      '--types',
      'node',
      ...options,
      'program.ts',
    );
  } catch (error) {
    assert.fail((error as { readonly stdout: string }).stdout);
  }
}

/** The version the workspace has, so that npm finds it in its cache. */
function nodeTypes(): string {
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  return `@types/node@${devDependencies['@types/node']}`;
}

function installedBytes(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .reduce((sum, entry) => sum + readFileSync(join(entry.parentPath, entry.name)).byteLength, 0);
}

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(0)} kB`;
