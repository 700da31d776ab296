import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { choices, count, list, parseArguments, UsageError } from '../command-line.ts';
import { loops, ownerships, parseSize, patterns, type Selection, type Size } from './configuration.ts';

export interface Options {
  readonly selections: readonly Selection[];
  readonly iterations: number;
  readonly help: boolean;
  readonly json: boolean;
  /** Where the chart goes. */
  readonly plot?: string;
}

export const help = `Usage: npm run leak -- [options]

Fetches a row with a file field again and again from a SQLite file, touches the file, and measures what stays in
memory. Every configuration runs in a process of its own, with V8 told to favour memory, so that little but what is
kept remains. Without options: all that tell the story, in under 3 minutes.

  --ownership LIST   weak: a handle never keeps its row (the default of a field)
                     strong: it does
                     naive: a WeakRef alone, which keeps the row until the job ends
  --pattern LIST     drop: the handle is dropped at once; hold: it is held in a list to the end
  --loop LIST        sync: nothing between two rows; microtask: an await of a settled promise; macrotask: a turn of
                     the event loop. Default: sync, and microtask at 1mb, 10mb or the sizes named
  --sizes LIST       payload of a row. Default: 1kb,10kb,100kb,1mb,10mb,100mb
  --iterations N     rows fetched. Default: 100; fewer where they would not fit in memory
  --json             one object a line: size ownership pattern loop iterations memoryStartMB memoryEndMB memoryDiffMB
                     peakRssMB (over the start) liveOwners (after a turn and a garbage collection)
  --plot FILE.svg    a chart of all configurations
  --help             this text

A LIST is one value or several, with commas between them. MB are 1024 × 1024 bytes.
`;

/** SQLite and V8 both end a string a little above this. */
const MAX_SIZE_BYTES = 500 * 1024 ** 2;

/** @throws UsageError for an unknown option or value. */
export function parseOptions(argv: readonly string[]): Options {
  const values = parse(argv);
  return {
    selections: selections(values),
    iterations: count('--iterations', values.iterations ?? '100'),
    help: values.help ?? false,
    json: values.json ?? false,
    ...(values.plot === undefined ? {} : { plot: svgFile('--plot', values.plot) }),
  };
}

function selections(values: Values): Selection[] {
  const common = {
    ownerships: choices('--ownership', values.ownership, ownerships) ?? ownerships,
    patterns: choices('--pattern', values.pattern, patterns) ?? patterns,
    sizes: list('--sizes', values.sizes ?? '1kb,10kb,100kb,1mb,10mb,100mb').map(size),
  };
  const chosen = choices('--loop', values.loop, loops);
  if (chosen) return [{ ...common, loops: chosen }];
  if (values.sizes) return [{ ...common, loops: ['sync', 'microtask'] }];
  // Awaiting changes nothing by size, and the largest rows take the most time.
  const telling = common.sizes.filter(({ label }) => label === '1mb' || label === '10mb');
  return [
    { ...common, loops: ['sync'] },
    { ...common, loops: ['microtask'], sizes: telling },
  ];
}

interface Values {
  readonly ownership?: string;
  readonly pattern?: string;
  readonly loop?: string;
  readonly sizes?: string;
  readonly iterations?: string;
  readonly json?: boolean;
  readonly plot?: string;
  readonly help?: boolean;
}

function parse(argv: readonly string[]): Values {
  return parseArguments({
    args: [...argv],
    options: {
      ownership: { type: 'string' },
      pattern: { type: 'string' },
      loop: { type: 'string' },
      sizes: { type: 'string' },
      iterations: { type: 'string' },
      json: { type: 'boolean' },
      plot: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  }).values;
}

function size(label: string): Size {
  const size = parseSize(label);
  if (!size) throw new UsageError(`--sizes: ${JSON.stringify(label)} is no size like 10kb or 1mb.`);
  if (size.bytes > MAX_SIZE_BYTES)
    throw new UsageError(`--sizes: ${label} is more than a row holds (500mb).`);
  return size;
}

function svgFile(option: string, path: string): string {
  if (!path.endsWith('.svg'))
    throw new UsageError(`${option}: ${JSON.stringify(path)} does not end in .svg.`);
  // Now rather than after minutes of measuring.
  if (!existsSync(dirname(path)))
    throw new UsageError(`${option}: the folder ${JSON.stringify(dirname(path))} does not exist.`);
  return path;
}
