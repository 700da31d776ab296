import assert from 'node:assert/strict';
import { type ExecFileException, execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { type Example, firstExample } from './readme-example.ts';
import { exampleServers } from './readme-servers.ts';
import { startRegistry } from './registry.ts';
import { packAll } from './tarballs.ts';

// Does what each README tells a new user: installs by its own line into an empty folder, then runs and type-checks its
// first example as it is printed. FieldFile's packages are the packed ones, all others come from npm.
// Run by `node --test`; --test-name-pattern picks a package.

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'fieldfile-readmes-'));
const tarballs = await packAll(folder);
const registry = await startRegistry(tarballs);
const servers = exampleServers(folder);
const nodes: { version: string; path: string }[] = [{ version: '24', path: process.execPath }];
after(async () => {
  await servers[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

describe('the first example of', { concurrency: 3 }, () => {
  before(async () => {
    nodes.push({ version: '22', path: await installNode('22') });
  });

  test('the front page', () => tryReadme(root, 'fieldfile'));
  // Every published package has a README: `npm run check:packages` sees to that.
  for (const { name } of tarballs.filter(({ files }) => files.includes('README.md')))
    test(name, { skip: servers.missing(name) ?? false }, () =>
      tryReadme(join(root, 'packages', shortName(name)), name),
    );
});

async function tryReadme(packageFolder: string, name: string): Promise<void> {
  const example = firstExample(readFileSync(join(packageFolder, 'README.md'), 'utf8'));
  const project = emptyProject(shortName(name), example);
  await run(project, 'sh', ['-ec', example.commands.join('\n')]);
  const environment = await servers.environmentOf(name);
  const program = join(project, example.testRunner ? 'program.test.ts' : 'program.ts');
  writeFileSync(program, example.program);
  await typeCheck(project, program);
  const installed = readdirSync(project);
  for (const { version, path } of nodes) {
    const started = example.testRunner ? [join('node_modules', example.testRunner), 'run'] : [program];
    const printed = await run(project, path, started, environment);
    for (const line of example.printed)
      assert.match(printed, line, `On Node ${version} it printed:\n${printed}`);
    // The next one finds the folder as this one did.
    for (const made of readdirSync(project).filter(entry => !installed.includes(entry)))
      rmSync(join(project, made), { recursive: true });
  }
}

function emptyProject(name: string, { files }: Example): string {
  const project = join(folder, name);
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  writeFileSync(join(project, '.npmrc'), `@fieldfile:registry=${registry.url}\n`);
  for (const [path, text] of files) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), text);
  }
  return project;
}

/** With the settings of `tsc --init` for Node, and the workspace's compiler and types of Node. */
async function typeCheck(project: string, program: string): Promise<void> {
  const options = {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    target: 'es2024',
    module: 'nodenext',
    allowImportingTsExtensions: true,
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
  };
  writeFileSync(
    join(project, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: options, files: [program] }),
  );
  await run(project, process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '--project', '.']);
}

/** @returns the path of that version's program, which comes from npm. */
async function installNode(version: string): Promise<string> {
  const name = `node-${process.platform}-${process.arch}`;
  const prefix = join(folder, `node-${version}`);
  await run(folder, 'npm', ['install', '--prefix', prefix, `${name}@${version}`]);
  const path = join(prefix, 'node_modules', name, 'bin/node');
  assert.ok(existsSync(path), `npm has no Node ${version} for this machine.`);
  return path;
}

/** @returns what it printed. */
async function run(
  cwd: string,
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const env = {
    ...process.env,
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_prefer_offline: 'true',
    // Prisma's CLI loads an engine that no example needs. Any program will do in its place.
    PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
    ...environment,
  };
  try {
    return (await promisify(execFile)(command, args, { cwd, env, timeout: 240_000 })).stdout;
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as ExecFileException;
    assert.fail(`${message}\n${stdout}${stderr}`);
  }
}

/** `s3` of `@fieldfile/s3`. */
function shortName(name: string): string {
  return name.replace('@fieldfile/', '');
}
