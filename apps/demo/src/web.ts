import { resolve } from 'node:path';
import { choices, parseArguments, UsageError } from './command-line.ts';
import { readSettings } from './demo/settings.ts';
import { storageNames } from './demo/storage-name.ts';
import { type Demo, type DemoOptions, startDemo } from './library/start.ts';

// The demo in a browser. `npm run demo -- --help` says more.

const help = `Usage: npm run demo -- [options]

A library of files in your browser: rows in SQLite, files on this machine's disk, in memory, or on test servers of S3,
Google Cloud Storage and Azure. Nothing is to be configured. Ctrl-C ends it and leaves its folder.

  --folder PATH   where rows and files are kept. Default: fieldfile-demo
  --port N        default: 4321, or any that is free
  --only LIST     some of ${storageNames.join(', ')}, with commas between them
  --empty         begin without samples
  --help          this text

Real storages by the environment, as in npm run demo:storages -- --help.
`;

const PORT = 4321;

interface Values {
  readonly folder?: string;
  readonly port?: string;
  readonly only?: string;
  readonly empty?: boolean;
}

try {
  const { values } = parseArguments({
    args: process.argv.slice(2),
    options: {
      folder: { type: 'string' },
      port: { type: 'string' },
      only: { type: 'string' },
      empty: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) process.stdout.write(help);
  else await run(values);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\nnpm run demo -- --help lists the options.`);
  process.exitCode = 2;
}

async function run({ folder, port, only, empty }: Values): Promise<void> {
  const ended = new Promise<void>(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  const path = resolve(process.env.INIT_CWD ?? '.', folder ?? 'fieldfile-demo');
  await using demo = await startOn(port, {
    folder: path,
    storages: choices('--only', only, storageNames) ?? storageNames,
    settings: readSettings(process.env, undefined),
    samples: !empty,
  });
  console.log(`FieldFile's demo is at ${demo.url}\nFiles and rows are in ${path}. Ctrl-C ends it.`);
  await ended;
}

/** On the port that is asked for; without a wish on the usual one, or, where that is taken, on another. */
async function startOn(port: string | undefined, options: Omit<DemoOptions, 'port'>): Promise<Demo> {
  if (port !== undefined && !/^\d{1,5}$/.test(port))
    throw new UsageError(`--port: ${JSON.stringify(port)} is no port.`);
  try {
    return await startDemo({ ...options, port: Number(port ?? PORT) });
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== 'EADDRINUSE') throw error;
    if (port !== undefined) throw new UsageError(`--port: ${port} is taken.`);
    return startDemo({ ...options, port: 0 });
  }
}
