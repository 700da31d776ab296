import { statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { suites } from './suites.ts';

export interface Options {
  readonly suites: readonly string[];
  /** Undefined: as each comparison says. */
  readonly rounds: number | undefined;
  /** Part of the titles to run; `''` for all. */
  readonly only: string;
  readonly folder: string;
  /** Other libraries too. */
  readonly rivals: boolean;
  /** The comparisons of 2 GiB too, where they are not run anyway. */
  readonly large: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

/** An option that cannot be meant; the message says what can. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const help: string = `Usage: npm run bench -- [${Object.keys(suites).join('|')} …] [options]

Holds FieldFile against the best bare way to do the same, side by side: every run in a process of its own, the ways in
turn round by round. Figures are medians, with the least and the most; "×" is how many times the figure of the bare way,
or of the best of several, each at its best, which the rest of the machine disturbed least. The bars are the project's
own; 0.95 of the throughput is 1.05 × the time, 0.9 is 1.11 ×.

  fs        local disk: large streams up and down, with the same fsyncs on both sides; many small files, in a cold
            process and in a warm one; a folder listed to its end and left early
  list      200,000 files: the first names in order, and all of them
  parts     256 MiB in parts, and as a resumable upload over HTTP, beside one streamed save; on disk and S3
  handles   what handles cost in memory and in time, a row's first touch, and rows nobody touches
  removal   removing a row with a file, where 1 or 20 fields are declared: statements and time
  image     a variant built here and in a warm child, beside sharp from file to file; uploads with their width and height
            beside those without; a built variant served beside a plain file
  memory    a 4 GiB stream up and down: how far the resident set rises
  s3 gcs azure
            each against every plausible call of its SDK, on a server in a process of its own, whose CPU is not counted
  cloud-memory
            4 GiB up, of unknown length, and down on each of the three

  --rounds N      rounds of every comparison. Default: 5, more where one is short, 3 where one is long
  --only TEXT     comparisons with this in their title
  --folder DIR    where data goes, removed at the end. Default: the system's temporary folder. At most 5 GiB at a time;
                  azure and cloud-memory up to 20 GiB, since Azure's emulator keeps what was removed
  --large         s3, gcs and azure: 2 GiB too
  --rivals        fs (small files and listings), s3, gcs, azure and cloud-memory: flydrive, flystorage and files-sdk
                  too; they are installed by npm ci --prefix apps/bench/rivals
  --json          one object a line: suite comparison way rounds medians bests worsts timesBaseline bars
  --help          this text
`;

/** @throws UsageError for an unknown suite, option or value. */
export function parseOptions(argv: readonly string[]): Options {
  const { values, positionals } = parse(argv);
  const unknown = positionals.find(name => !Object.hasOwn(suites, name));
  if (unknown !== undefined)
    throw new UsageError(`${JSON.stringify(unknown)} is none of ${Object.keys(suites).join(', ')}.`);
  return {
    suites: positionals.length > 0 ? positionals : Object.keys(suites),
    rounds: values.rounds === undefined ? undefined : rounds(values.rounds),
    only: values.only ?? '',
    folder: folder(values.folder ?? tmpdir()),
    rivals: values.rivals ?? false,
    large: values.large ?? false,
    json: values.json ?? false,
    help: values.help ?? false,
  };
}

interface Parsed {
  readonly values: {
    readonly rounds?: string;
    readonly only?: string;
    readonly folder?: string;
    readonly rivals?: boolean;
    readonly large?: boolean;
    readonly json?: boolean;
    readonly help?: boolean;
  };
  readonly positionals: readonly string[];
}

function parse(argv: readonly string[]): Parsed {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        rounds: { type: 'string' },
        only: { type: 'string' },
        folder: { type: 'string' },
        rivals: { type: 'boolean' },
        large: { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_'))
      throw new UsageError(error.message);
    throw error;
  }
}

function rounds(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text))
    throw new UsageError(`--rounds: ${JSON.stringify(text)} is no whole number from 1 to 9999.`);
  return Number(text);
}

function folder(path: string): string {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(`--folder: there is no folder ${JSON.stringify(path)}.`);
  return path;
}
