import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
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
