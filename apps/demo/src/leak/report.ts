import type { Measurement } from './measurement.ts';

/**
 * The original's line, and what it does not tell: `10mb, memory_start=59.12MB, memory_end=81.40MB, memory_diff=22.28MB,
 * after a turn and a GC 0.45MB`.
 * `iterations`: what was asked for.
 */
export function line(measurement: Measurement, iterations: number): string {
  const { size, memoryStartMB, memoryEndMB, memoryDiffMB, collectedDiffMB } = measurement;
  const [start, end, diff, collected] = [memoryStartMB, memoryEndMB, memoryDiffMB, collectedDiffMB].map(
    megabytes => megabytes.toFixed(2),
  );
  const reduced = isReduced(measurement, iterations)
    ? ` (${measurement.iterations} rows: ${iterations} would not fit in memory)`
    : '';
  return `${size}, memory_start=${start}MB, memory_end=${end}MB, memory_diff=${diff}MB, after a turn and a GC ${collected}MB${reduced}`;
}

/** Whether it fetched fewer rows than were asked for, since more would not have fitted in memory. */
export function isReduced(measurement: Measurement, iterations: number): boolean {
  return measurement.iterations < iterations;
}

/** What the lines of one group have in common. */
export function heading(measurement: Measurement): string {
  const { ownership, loop, flags } = measurement;
  const defaults = flags === 'default' ? ", V8's defaults" : '';
  return `${ownership === 'bare' ? `bare loop, ${loop}` : `${ownership}, ${handlesAndLoop(measurement)}`}${defaults}`;
}

/** What ownerships are compared under. */
export function condition(measurement: Measurement): string {
  return `${handlesAndLoop(measurement)}${measurement.flags === 'default' ? ", V8's defaults" : ''}`;
}

function handlesAndLoop({ pattern, loop }: Measurement): string {
  return `handles ${pattern === 'hold' ? 'held' : 'dropped'}, ${loop} loop`;
}

/** Live owners and RSS of all configurations, one column a size. `iterations`: what was asked for. */
export function tables(measurements: readonly Measurement[], iterations: number): string {
  const reduced = [
    ...new Set(measurements.filter(one => isReduced(one, iterations)).map(one => one.iterations)),
  ];
  return [
    table('Rows still in memory after a turn of the event loop and a GC', measurements, one =>
      mark(String(one.liveOwners), one, iterations),
    ),
    table('Peak RSS over start, MB', measurements, one => mark(one.peakRssMB.toFixed(0), one, iterations)),
    table('RSS over start after the last row, MB', measurements, one =>
      mark(one.memoryDiffMB.toFixed(0), one, iterations),
    ),
    table('RSS over start after a turn of the event loop and a GC, MB', measurements, one =>
      mark(one.collectedDiffMB.toFixed(0), one, iterations),
    ),
    ...(reduced.length > 0
      ? [`* ${reduced.join(' or ')} rows instead of ${iterations}: more would not fit in memory.\n`]
      : []),
  ].join('\n');
}

function mark(text: string, measurement: Measurement, iterations: number): string {
  return isReduced(measurement, iterations) ? `${text}*` : `${text} `;
}

function table(
  title: string,
  measurements: readonly Measurement[],
  cell: (measurement: Measurement) => string,
): string {
  const sizes = [...new Set(measurements.map(one => one.size))];
  const groups = Map.groupBy(measurements, heading);
  const labelWidth = Math.max(...[...groups.keys()].map(label => label.length));
  const row = (label: string, cells: readonly string[]): string =>
    [label.padEnd(labelWidth), ...cells.map(text => text.padStart(8))].join(' ').trimEnd();
  return `${[
    title,
    row(
      '',
      sizes.map(size => `${size} `),
    ),
    ...[...groups].map(([label, group]) =>
      row(
        label,
        sizes.map(size => {
          const measurement = group.find(one => one.size === size);
          return measurement ? cell(measurement) : '';
        }),
      ),
    ),
  ].join('\n')}\n`;
}
