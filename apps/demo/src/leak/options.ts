import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { choices, count, list, parseArguments, UsageError } from '../command-line.ts';
import { flags, loops, ownerships, parseSize, patterns, type Selection, type Size } from './configuration.ts';

export interface Options {
  readonly selections: readonly Selection[];
  readonly iterations: number;
  /** The medians of several rounds instead of single measurements. */
  readonly table: boolean;
  readonly rounds: number;
  readonly help: boolean;
  readonly json: boolean;
  /** Where the chart goes. */
  readonly plot?: string;
}

export const help = `Usage: npm run leak -- [options]

Fetches a row with a file field again and again from a SQLite file, touches the file, and measures what stays in
memory. Every configuration runs in a process of its own, with V8 told to favour memory, so that little but what is
kept remains. Without options: all that tell the story, in under 3 minutes.

  --ownership LIST   bare: the file is not touched: what the loop needs by itself
                     weak: a handle never keeps its row (the default of a field)
                     strong: it does
                     naive: a WeakRef alone, which keeps the row until the job ends
  --pattern LIST     drop: the handle is dropped at once; hold: it is held in a list to the end
  --loop LIST        sync: nothing between two rows; microtask: an await of a settled promise; macrotask: a turn of
                     the event loop. Default: sync, and microtask at 1mb, 10mb or the sizes named
  --flags LIST       size: V8 is told to favour memory (--optimize-for-size), as is the default of this command;
                     default: V8 as it is
  --sizes LIST       payload of a row. Default: 1kb,10kb,100kb,1mb,10mb,100mb
  --iterations N     rows fetched. Default: 100; fewer where they would not fit in memory
  --table            medians: the bare loop beside weak handles, dropped and held, sync and microtask, with both
                     flags, at 1kb,100kb,1mb,10mb × 100 and 100mb × 20. Ten minutes on a quiet machine; other
                     options narrow it
  --rounds N         rounds of --table. Default: 7
  --json             one object a line: size ownership pattern loop flags iterations memoryStartMB memoryEndMB
                     memoryDiffMB collectedDiffMB (after a turn and a garbage collection, over the start) peakRssMB
                     (over the start) liveOwners (after a turn and a garbage collection)
  --plot FILE.svg    a chart of all configurations
  --help             this text

A LIST is one value or several, with commas between them. MB are 1024 × 1024 bytes.
`;

/** SQLite and V8 both end a string a little above this. */
const MAX_SIZE_BYTES = 500 * 1024 ** 2;
/** Of rows this large the table has fewer: they take seconds, and tell the same. */
const LARGE_BYTES = 100 * 1024 ** 2;

/** @throws UsageError for an unknown option or value. */
export function parseOptions(argv: readonly string[]): Options {
  const values = parse(argv);
  const table = values.table ?? false;
  if (!table && values.rounds !== undefined)
    throw new UsageError('--rounds: there are rounds with --table only.');
  if (table && (values.json || values.plot !== undefined))
    throw new UsageError('--table: it is printed instead of what --json and --plot give.');
  return {
    selections: table ? tableSelections(values) : selections(values),
    iterations: count('--iterations', values.iterations ?? '100'),
    table,
    rounds: table ? count('--rounds', values.rounds ?? '7') : 1,
    help: values.help ?? false,
    json: values.json ?? false,
    ...(values.plot === undefined ? {} : { plot: svgFile('--plot', values.plot) }),
  };
}

function selections(values: Values): Selection[] {
  const common = {
    ownerships: choices('--ownership', values.ownership, ownerships) ?? ownerships,
    patterns: choices('--pattern', values.pattern, patterns) ?? patterns,
    flags: choices('--flags', values.flags, flags) ?? ['size'],
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

/** Every size by itself, so that a table of it is complete as soon as the last of its rounds is. */
function tableSelections(values: Values): Selection[] {
  return list('--sizes', values.sizes ?? '1kb,100kb,1mb,10mb,100mb').map(label => {
    const one = size(label);
    return {
      ownerships: choices('--ownership', values.ownership, ownerships) ?? ['bare', 'weak'],
      patterns: choices('--pattern', values.pattern, patterns) ?? patterns,
      loops: choices('--loop', values.loop, loops) ?? ['sync', 'microtask'],
      flags: choices('--flags', values.flags, flags) ?? flags,
      sizes: [one],
      ...(values.iterations === undefined && one.bytes >= LARGE_BYTES ? { iterations: 20 } : {}),
    };
  });
}

interface Values {
  readonly ownership?: string;
  readonly pattern?: string;
  readonly loop?: string;
  readonly flags?: string;
  readonly sizes?: string;
  readonly iterations?: string;
  readonly table?: boolean;
  readonly rounds?: string;
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
      flags: { type: 'string' },
      sizes: { type: 'string' },
      iterations: { type: 'string' },
      table: { type: 'boolean' },
      rounds: { type: 'string' },
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
