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

export interface ServerOptions {
  /** As `--only` has them. Default: the disk. */
  readonly only?: string;
  /** Beside that of this process. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts the demo in a process of its own, without samples. */
export async function startServer(
  folder: string,
  port: string,
  { only = 'fs', environment = {} }: ServerOptions = {},
): Promise<Server> {
  const child = spawn(
    process.execPath,
    [
      ...['--conditions=@fieldfile/source', '--disable-warning=ExperimentalWarning', PROGRAM],
      ...['--folder', folder, '--port', port, '--only', only, '--empty'],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...environment } },
  );
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, url: /http\S+/.exec(line)?.[0] ?? '' };
}
