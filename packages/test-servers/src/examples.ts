import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Whether this Node runs TypeScript that it is given to evaluate: 22 does not. */
export const runsTypeScript: boolean = Number.parseInt(process.versions.node, 10) >= 24;

/** The first example of a package's README. */
export function firstExample(packageFolder: string): string {
  const readme = readFileSync(join(packageFolder, 'README.md'), 'utf8');
  return /```(?:ts|typescript)\n(.*?)```/s.exec(readme)?.[1] ?? '';
}

/** Runs a program from source, in a process of its own. @returns what it printed. */
export async function runProgram(
  program: string,
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@fieldfile/source', '--input-type=module-typescript', '--eval', program],
    { cwd, env: { PATH: process.env.PATH, ...env } },
  );
  return stdout;
}

/** Runs it in an empty folder within the package, so that imports resolve as in an application. */
export async function runFirstExample(packageFolder: string): Promise<string> {
  const modules = join(packageFolder, 'node_modules');
  mkdirSync(modules, { recursive: true });
  const folder = mkdtempSync(join(modules, '.example-'));
  try {
    return await runProgram(firstExample(packageFolder), folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Runs the contract that a page of `docs` ends with: its examples that begin with a file's name are the files of one folder
 * in the package, and one of them is `contract.test.ts`. @returns what it printed, whether it passed or not.
 */
export async function runGuide(page: string, packageFolder: string, timeLimitMs: number): Promise<string> {
  const guide = readFileSync(join(packageFolder, '../../docs', page), 'utf8');
  const folder = mkdtempSync(join(packageFolder, '.guide-')); // not in node_modules, where Node strips no types
  try {
    for (const [, name = '', code = ''] of guide.matchAll(/^```ts\n\/\/ (\S+)\n(.*?)^```$/gms))
      writeFileSync(join(folder, name), code);
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--expose-gc', '--conditions=@fieldfile/source', 'contract.test.ts'],
      { cwd: folder, env: { PATH: process.env.PATH }, maxBuffer: 16 * 1024 * 1024, timeout: timeLimitMs },
    ).catch((error: { readonly stdout: string }) => error);
    return stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
