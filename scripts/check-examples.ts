import { execFile } from 'node:child_process';
import { globSync, mkdirSync, mkdtempDisposableSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

// Type-checks every TypeScript example of doc comments and pages, as a user's module of its own. Silent when all is well.

interface Example {
  readonly file: string;
  /** The line of its first line in the file, from 1. */
  readonly line: number;
  readonly code: string;
}

const root = join(import.meta.dirname, '..');
const sources = globSync('packages/*/src/**/*.ts', { cwd: root, exclude: ['**/*.test.ts'] });
const pages = globSync(['*.md', 'docs/*.md', '{packages,apps}/*/*.md'], { cwd: root });
const examples = [...sources.flatMap(inComments), ...pages.flatMap(inPage)];

// Below node_modules, so that imports resolve as in an application.
const cache = join(root, 'node_modules/.cache');
mkdirSync(cache, { recursive: true });
using folder = mkdtempDisposableSync(join(cache, 'examples-'));
// What augments a module does so for a whole program: such an example is one by itself.
const [augmenting, ordinary] = [true, false].map(augments =>
  examples.filter(({ code }) => /^declare module\b/m.test(code) === augments),
) as [Example[], Example[]];
const programs = [ordinary, ...augmenting.map(example => [example])];
const findings = (await Promise.all(programs.map(check))).flat();
for (const finding of findings) console.error(finding);
if (findings.length > 0) process.exitCode = 1;

/** Fenced blocks behind an `@example`, without the comment's stars. */
function inComments(file: string): Example[] {
  return blocks(file, /^[ \t]*\* ```ts\n(.*?)^[ \t]*\* ```$/gms, line => line.replace(/^[ \t]*\* ?/, ''));
}

function inPage(file: string): Example[] {
  return blocks(file, /^```ts\n(.*?)^```$/gms, line => line);
}

function blocks(file: string, fence: RegExp, clean: (line: string) => string): Example[] {
  const text = readFileSync(join(root, file), 'utf8');
  return Array.from(text.matchAll(fence), ({ index, 1: block = '' }) => ({
    file,
    line: text.slice(0, index).split('\n').length + 1,
    code: block.split('\n').map(clean).join('\n'),
  }));
}

/** One run of the compiler. @returns `file:line: message`, one each. */
async function check(program: readonly Example[], number: number): Promise<string[]> {
  const directory = join(folder.path, `${number}`);
  mkdirSync(directory);
  const files = new Map(program.map((example, index) => [`example-${index}.mts`, example]));
  for (const [name, { code }] of files) writeFileSync(join(directory, name), `${code}\nexport {};\n`);
  const project = {
    extends: join(root, 'tsconfig.json'),
    // An example shows use, not the writing of declarations.
    compilerOptions: { declaration: false, isolatedDeclarations: false },
    include: [],
    files: [...files.keys()],
  };
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(project));
  return (await compile(directory)).flatMap(complaint => {
    const [, path = '', at = '', message] = /^(.+?)\((\d+),\d+\): (.*)$/s.exec(complaint) ?? [];
    const example = files.get(path);
    if (example) return `${example.file}:${example.line + Number(at) - 1}: ${message}`;
    return path ? [] : complaint; // the packages' own files are checked by themselves
  });
}

/** @returns what the compiler complains of; further lines of one complaint are indented. */
async function compile(directory: string): Promise<string[]> {
  const tsc = join(root, 'node_modules/.bin/tsc');
  const run = promisify(execFile)(tsc, ['--project', '.', '--pretty', 'false'], { cwd: directory });
  const { stdout } = await run.catch((error: { readonly stdout?: string }) => {
    if (error.stdout) return { stdout: error.stdout };
    throw error;
  });
  return stdout
    .trimEnd()
    .split(/\n(?! )/)
    .filter(complaint => complaint !== '');
}
