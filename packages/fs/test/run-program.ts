import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));

/** Starts a TypeScript module in a Node process of its own, with this package resolved from source. */
export function startProgram(code: string): ChildProcess {
  const options = ['--conditions=@fieldfile/source', '--disable-warning=ExperimentalWarning'];
  return spawn(process.execPath, [...options, '--input-type=module-typescript', '--eval', code], {
    cwd: PACKAGE,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Resolves when it has printed something. @throws when it ends before. */
export function firstOutput(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout?.once('data', () => resolve());
    child.once('close', status => reject(new Error(`The program ended with ${status}.`)));
  });
}

/** What it printed. @throws when it fails. */
export async function runProgram(code: string): Promise<string> {
  const child = startProgram(code);
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const status = await new Promise(resolve => {
    child.on('close', (exit, signal) => resolve(exit ?? signal));
  });
  if (status !== 0) throw new Error(`The program ended with ${status}.`);
  return output;
}
