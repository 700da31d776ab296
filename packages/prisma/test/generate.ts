import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';

// Makes `client/` of `schema.prisma`: run after a change of either, or of Prisma's version. The CLI is 300 MB and loads
// engines from elsewhere, so it is fetched when this runs, without its install scripts, and what it makes is checked in,
// compiled: its source knows no isolated declarations.

const folder = import.meta.dirname;
const generated = join(folder, 'generated');
const run = (command: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): unknown =>
  execFileSync(command, args, { cwd: folder, stdio: 'inherit', env: { ...process.env, ...environment } });

const cli = ['exec', '--yes', '--ignore-scripts', '--package=prisma@7.10.0', '--'];
// No engine is asked for anything when a client is generated: any program will do.
run('npm', [...cli, 'prisma', 'generate', `--schema=${join(folder, 'schema.prisma')}`], {
  PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
});
rmSync(join(folder, 'client'), { recursive: true, force: true });
const options = [
  '--declaration',
  '--skipLibCheck',
  '--types',
  'node',
  '--target',
  'es2024',
  '--module',
  'nodenext',
];
const place = ['--rootDir', generated, '--outDir', join(folder, 'client')];
run('tsc', ['--ignoreConfig', ...options, ...place, join(generated, 'client.ts')]);
rmSync(generated, { recursive: true });
