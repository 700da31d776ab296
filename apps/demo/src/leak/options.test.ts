import { expect, test } from 'vitest';
import { UsageError } from '../command-line.ts';
import { configurations, parseSize } from './configuration.ts';
import { parseOptions } from './options.ts';

const GiB = 1024 ** 3;
const plan = (...argv: string[]) => {
  const { selections, iterations } = parseOptions(argv);
  return selections.flatMap(selection => configurations(selection, iterations, 2 * GiB));
};

test('without options, compares every ownership and pattern at every size', () => {
  const all = plan();
  expect(new Set(all.map(one => one.size.label))).toEqual(
    new Set(['1kb', '10kb', '100kb', '1mb', '10mb', '100mb']),
  );
  expect(new Set(all.map(one => `${one.ownership} ${one.pattern}`)).size).toBe(7); // the bare loop has no handles
  expect(new Set(all.map(one => one.flags))).toEqual(new Set(['size']));
  expect(new Set(all.map(one => one.loop))).toEqual(new Set(['sync', 'microtask']));
});

test('runs exactly what is named', () => {
  const all = plan('--ownership', 'weak', '--pattern=hold', '--loop', 'sync,macrotask', '--sizes', '1mb');
  expect(all.map(one => [one.ownership, one.pattern, one.loop, one.size.label, one.iterations])).toEqual([
    ['weak', 'hold', 'sync', '1mb', 100],
    ['weak', 'hold', 'macrotask', '1mb', 100],
  ]);
});

test('the table has both flags and the bare loop at every size, and seven rounds', () => {
  const all = plan('--table');
  expect(parseOptions(['--table']).rounds).toBe(7);
  expect(all).toHaveLength(5 * 2 * 2 * 3);
  expect(new Set(all.map(one => `${one.size.label} × ${one.iterations}`))).toEqual(
    new Set(['1kb × 100', '100kb × 100', '1mb × 100', '10mb × 100', '100mb × 20']),
  );
});

test('fetches fewer rows only where all would be in memory at once and do not fit', () => {
  const reduced = plan('--sizes', '10mb,100mb', '--loop', 'sync,microtask,macrotask').filter(
    one => one.iterations < 100,
  );
  expect(reduced.every(one => one.size.label === '100mb' && one.iterations === 20)).toBe(true);
  expect(reduced.map(one => `${one.ownership} ${one.pattern} ${one.loop}`).sort()).toEqual([
    'naive drop microtask',
    'naive drop sync',
    'naive hold microtask',
    'naive hold sync',
    'strong hold macrotask',
    'strong hold microtask',
    'strong hold sync',
  ]);
});

test.each([
  [['--ownership', 'week'], '--ownership: "week" is none of bare, strong, weak, naive.'],
  [['--pattern', ''], '--pattern: "" is none of drop, hold.'],
  [['--loop', 'sync,sync'], '--loop: "sync" is given twice.'],
  [['--flags', 'speed'], '--flags: "speed" is none of size, default.'],
  [['--rounds', '3'], '--rounds: there are rounds with --table only.'],
  [['--table', '--rounds', '0'], '--rounds: "0" is no whole number above 0.'],
  [['--table', '--json'], '--table: it is printed instead of what --json and --plot give.'],
  [['--sizes', '10'], '--sizes: "10" is no size like 10kb or 1mb.'],
  [['--sizes', '501mb'], '--sizes: 501mb is more than a row holds (500mb).'],
  [['--sizes', ''], '--sizes: "" is no size like 10kb or 1mb.'],
  [['--iterations', '0'], '--iterations: "0" is no whole number above 0.'],
  [['--iterations', '1e3'], '--iterations: "1e3" is no whole number above 0.'],
  [['--plot', 'chart.png'], '--plot: "chart.png" does not end in .svg.'],
  [['--plot', '/no/such/folder/chart.svg'], '--plot: the folder "/no/such/folder" does not exist.'],
  [['--size', '1mb'], /^Unknown option '--size'/],
  [['--json=yes'], /'--json' does not take an argument/],
  [['--sizes'], /'--sizes <value>' argument missing/],
  [['1mb'], /^Unexpected argument '1mb'/],
])('refuses %j', (argv, message) => {
  expect(() => parseOptions(argv)).toThrow(UsageError);
  expect(() => parseOptions(argv)).toThrow(message);
});

test('reads sizes in the units of the original', () => {
  expect(parseSize('10kb')).toEqual({ label: '10kb', bytes: 10_240 });
  expect(parseSize('1mb')?.bytes).toBe(1_048_576);
  for (const label of ['0kb', '1.5mb', '1 mb', '1MB', 'mb', '-1mb']) expect(parseSize(label)).toBeUndefined();
});
