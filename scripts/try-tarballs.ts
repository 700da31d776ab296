import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { startRegistry } from './registry.ts';
import { packAll, type Tarball } from './tarballs.ts';

// Installs what would be published into empty projects, as npm would from a registry, and uses it there.
// Run by `node --test`.

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'fieldfile-consumer-'));
const tarballs = await packAll(folder);
const withSdk = tarballs.filter(tarball => tarball.needsSdk);
const withoutSdk = tarballs.filter(tarball => !tarball.needsSdk);
const registry = await startRegistry(tarballs);
after(async () => {
  await registry[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

test('who has no rows installs storage and one backend, and gets nothing else', async context => {
  const project = await emptyProject('no-rows', '@fieldfile/storage', '@fieldfile/fs');
  assert.deepEqual(installedIn(project), ['@fieldfile/fs', '@fieldfile/storage']);
  tellSizes(context, project);
  await run(project, process.execPath, 'storage.js');
});

test('the quick start installs two packages, which bring one copy of storage and nothing else', async context => {
  const project = await emptyProject('quick-start', '@fieldfile/core', '@fieldfile/fs');
  assert.deepEqual(installedIn(project), ['@fieldfile/core', '@fieldfile/fs', '@fieldfile/storage']);
  tellSizes(context, project);
  await run(project, process.execPath, 'program.js');
  await run(project, process.execPath, 'program.cjs');
});

describe('the quick start', () => {
  let project = '';
  const bun = `@oven/bun-${process.platform}-${process.arch}`;
  before(async () => {
    project = await emptyProject('runtimes', '@fieldfile/core', '@fieldfile/fs', bun, 'deno', 'esbuild');
  });

  test('runs on Bun', async () => {
    await run(project, `node_modules/${bun}/bin/bun`, 'program.js');
  });

  test('runs on Deno, with the permissions that docs/module-systems.md names', async () => {
    const permissions = ['--no-prompt', '--allow-read=.', '--allow-write=.'];
    await run(project, 'node_modules/.bin/deno', 'run', ...permissions, 'program.js');
  });

  for (const [format, program] of [
    ['esm', 'program.js'],
    ['cjs', 'program.cjs'],
  ] as const)
    test(`runs when it is bundled into one file (${format})`, async () => {
      const bundle = `bundle/program.${format === 'esm' ? 'mjs' : 'cjs'}`;
      await run(
        project,
        'node_modules/.bin/esbuild',
        ...[program, '--bundle', '--platform=node', `--format=${format}`, `--outfile=${bundle}`],
      );
      await run(project, process.execPath, bundle);
    });
});

test('a storage in memory needs no rows, and its table brings them', async () => {
  const storageOnly = await emptyProject('memory', '@fieldfile/memory');
  assert.deepEqual(installedIn(storageOnly), ['@fieldfile/memory', '@fieldfile/storage']);
  await load(storageOnly, '@fieldfile/memory');
  const withRows = await emptyProject('memory-table', '@fieldfile/memory', '@fieldfile/core');
  assert.deepEqual(installedIn(withRows), ['@fieldfile/core', '@fieldfile/memory', '@fieldfile/storage']);
  await load(withRows, '@fieldfile/memory/table');
});

test('who writes a backend runs its contract without rows', async () => {
  const project = await emptyProject('contract', '@fieldfile/conformance');
  assert.deepEqual(installedIn(project), ['@fieldfile/conformance', '@fieldfile/storage']);
  await load(project, '@fieldfile/conformance/storage');
});

describe('all packages without an SDK in one project', () => {
  let project = '';
  before(async () => {
    project = await emptyProject('all', nodeTypes(), ...withoutSdk.map(({ name }) => name));
  });

  test('bring nothing but themselves, what reads forms for http, and thumbhashes for image', context => {
    assert.deepEqual(
      installedIn(project),
      [
        ...withoutSdk.map(({ name }) => name),
        '@fastify/busboy',
        '@types/node',
        'thumbhash',
        'undici-types',
      ].sort(),
    );
    tellSizes(context, project);
  });

  test('resolve to the built files, each entry', () => resolvesToBuilt(project, withoutSdk));

  test('type-check on a server without DOM types, declarations included', () =>
    typeCheck(project, '--module', 'nodenext', '--lib', 'es2024'));

  test('type-check as bundlers resolve', () =>
    typeCheck(project, '--module', 'esnext', '--moduleResolution', 'bundler', '--skipLibCheck'));

  test('packages with an SDK come with it as a peer, and load', async () => {
    await install(project, ...withSdk.map(({ name }) => name));
    await resolvesToBuilt(project, withSdk);
    for (const { name } of withSdk) await load(project, name);
  });
});

async function emptyProject(name: string, ...packages: readonly string[]): Promise<string> {
  const project = join(folder, name);
  cpSync(join(import.meta.dirname, 'consumer'), project, { recursive: true });
  writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  writeFileSync(join(project, '.npmrc'), `@fieldfile:registry=${registry.url}\n`);
  await install(project, ...packages);
  return project;
}

const install = (project: string, ...packages: readonly string[]): Promise<unknown> =>
  run(project, 'npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', ...packages);

/** Names of all packages that npm installed, a second copy below another package included. */
function installedIn(project: string): string[] {
  return globSync('**/node_modules/{@*/*,[!@.]*}/package.json', { cwd: project })
    .map(path => path.replace(/^node_modules\//, '').replace(/\/package\.json$/, ''))
    .sort();
}

function tellSizes(context: TestContext, project: string): void {
  for (const { name, sizeBytes } of tarballs.filter(tarball => installedIn(project).includes(tarball.name)))
    context.diagnostic(
      `${name}: ${kilobytes(sizeBytes)} packed, ${kilobytes(installedBytes(join(project, 'node_modules', name)))} installed`,
    );
}

async function resolvesToBuilt(project: string, packages: readonly Tarball[]): Promise<void> {
  for (const { name, manifest } of packages)
    for (const entry of Object.keys(manifest.exports).filter(entry => !entry.endsWith('.json'))) {
      const script = `console.log(import.meta.resolve(${JSON.stringify(name + entry.slice(1))}))`;
      const { stdout } = await run(project, process.execPath, '--input-type=module', '--eval', script);
      assert.match(stdout, entry === '.' ? /\/dist\/index\.js$/m : /\/dist\/[a-z-]+\.js$/m);
    }
}

const load = (project: string, specifier: string): Promise<unknown> =>
  run(
    project,
    process.execPath,
    '--input-type=module',
    '--eval',
    `await import(${JSON.stringify(specifier)})`,
  );

function run(project: string, command: string, ...args: string[]): Promise<{ stdout: string }> {
  return promisify(execFile)(command, args, { cwd: project });
}

/** No custom condition and the project's own settings: what any TypeScript user has. */
async function typeCheck(project: string, ...options: string[]): Promise<void> {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  try {
    await run(
      project,
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
