import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../web.ts', import.meta.url));

/** The demo as a person starts it. */
export interface Server {
  readonly url: string;
  readonly child: ChildProcess;
}

/** Starts the demo in a process of its own: with files on the disk only, and without samples. */
export async function startServer(folder: string, port: string): Promise<Server> {
  const child = spawn(
    process.execPath,
    [
      ...['--conditions=@fieldfile/source', '--disable-warning=ExperimentalWarning', PROGRAM],
      ...['--folder', folder, '--port', port, '--only', 'fs', '--empty'],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, url: /http\S+/.exec(line)?.[0] ?? '' };
}
