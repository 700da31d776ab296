import type { Measurement } from './measurement.ts';

/**
 * Medians of the rounds, one table for every size and flags, a line for every loop: its peak with the least and the
 * most, how many times the peak of the bare loop that is, and what is left after the last row, and after a turn of the
 * event loop and a garbage collection.
 */
export function medians(measurements: readonly Measurement[]): string {
  const tables = Map.groupBy(measurements, one => `${flagsOf(one)}, ${one.size} × ${one.iterations}`);
  return [...tables].map(([title, members]) => table(title, members)).join('\n');
}

function table(title: string, members: readonly Measurement[]): string {
  const cells = [...Map.groupBy(members, lineOf).values()].map(rounds => {
    const bare = members.filter(one => one.ownership === 'bare' && one.loop === rounds[0]?.loop);
    const peaks = rounds.map(one => one.peakRssMB);
    const peak = median(peaks);
    return [
      rounds[0] ? lineOf(rounds[0]) : '',
      `${peak.toFixed(0)} (${Math.min(...peaks).toFixed(0)}–${Math.max(...peaks).toFixed(0)})`,
      bare.length > 0 ? (peak / median(bare.map(one => one.peakRssMB))).toFixed(2) : '',
      median(rounds.map(one => one.memoryDiffMB)).toFixed(1),
      median(rounds.map(one => one.collectedDiffMB)).toFixed(1),
      String(Math.max(...rounds.map(one => one.liveOwners))),
    ];
  });
  const heads = [title, 'peak, MB over start', '× bare', 'last row', 'turn and GC', 'rows left'];
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...cells.map(cell => cell[column]?.length ?? 0)),
  );
  const line = ([label = '', ...figures]: readonly string[]): string =>
    [
      label.padEnd(widths[0] ?? 0),
      ...figures.map((figure, column) => figure.padStart(widths[column + 1] ?? 0)),
    ].join('  ');
  return `${[heads, ...cells].map(line).join('\n')}\n`;
}

function lineOf({ ownership, pattern, loop }: Measurement): string {
  if (ownership === 'bare') return `bare loop, ${loop}`;
  return `${ownership}, handles ${pattern === 'hold' ? 'held' : 'dropped'}, ${loop} loop`;
}

function flagsOf({ flags }: Measurement): string {
  return flags === 'default' ? "V8's defaults" : '--optimize-for-size';
}

/** Of an even number the lower of the two in the middle. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length / 2) - 1] ?? Number.NaN;
}
