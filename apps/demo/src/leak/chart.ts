import { parseSize } from './configuration.ts';
import type { Measurement } from './measurement.ts';
import { condition, heading, isReduced } from './report.ts';

const TITLE = 'Rows kept in memory by their file handles';
const LABELS = { left: 20, width: 226 };
const PANEL = { width: 136, bars: 80 };
const ROW = { height: 20, bar: 13 };
const GROUP = { heading: 22, gap: 16 };
const TOP = 116;
/** A panel reaches at least this far, so that noise among small rows looks as small as it is. */
const LEAST_MB = 20;

const STYLE = `<style>
  text { font: 12px system-ui, sans-serif; fill: #24292f } .paper { fill: #ffffff }
  .title { font-size: 17px; font-weight: 600 } .bold { font-weight: 600 } .quiet { fill: #59636e; font-size: 11px }
  .value { stroke: #ffffff; stroke-width: 3px; paint-order: stroke } .axis { stroke: #d0d7de } .all { stroke: #59636e; stroke-dasharray: 2 3 } .peak { opacity: 0.35 }
  .strong { fill: #c8500a } .weak { fill: #0969da } .naive { fill: #bf8700 } .bare { fill: #6e7781 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .paper { fill: #0d1117 } .quiet { fill: #9198a1 } .axis { stroke: #3d444d }
    .value { stroke: #0d1117 } .peak { opacity: 0.45 } .all { stroke: #9198a1 } .strong { fill: #f0743e } .weak { fill: #58a6ff } .naive { fill: #e3b341 } .bare { fill: #9198a1 }
  }
</style>`;

/** One line of bars: a measurement for each size. */
interface Bars {
  readonly top: number;
  readonly ownership: string;
  readonly measurements: readonly Measurement[];
}

/**
 * All configurations as an SVG: a panel for each size with its own linear scale, a bar for each configuration.
 * `iterations`: what was asked for.
 */
export function chart(measurements: readonly Measurement[], iterations: number): string {
  const headings: string[] = [];
  const rows: Bars[] = [];
  let top = TOP;
  for (const [heading, group] of Map.groupBy(measurements, condition)) {
    headings.push(text(LABELS.left, top + 12, 'bold', heading));
    top += GROUP.heading;
    for (const [ownership, members] of Map.groupBy(group, one => one.ownership)) {
      rows.push({ top, ownership, measurements: members });
      top += ROW.height;
    }
    top += GROUP.gap;
  }
  const sizes = [...new Set(measurements.map(one => one.size))];
  const width = Math.max(LABELS.left + LABELS.width + sizes.length * PANEL.width, 560);
  const height = top + 20;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${TITLE}">`,
    STYLE,
    `<rect class="paper" width="${width}" height="${height}" rx="8"/>`,
    text(LABELS.left, 32, 'title', TITLE),
    text(
      LABELS.left,
      54,
      'quiet',
      `Pale, in MB: peak RSS over start while ${iterations} rows are fetched and their file is touched.`,
    ),
    text(
      LABELS.left,
      70,
      'quiet',
      'Solid: rows still in memory after a turn of the event loop and a GC. Dashed: all rows.',
    ),
    ...headings,
    ...rows.map(row => text(LABELS.left + 12, row.top + 11, '', row.ownership)),
    ...sizes.map((size, index) =>
      panel(LABELS.left + LABELS.width + index * PANEL.width, size, rows, iterations),
    ),
    measurements.some(one => isReduced(one, iterations))
      ? text(
          LABELS.left,
          height - 14,
          'quiet',
          `* fewer rows than ${iterations}: more would not fit in memory.`,
        )
      : '',
    '</svg>\n',
  ].join('\n');
}

function panel(left: number, size: string, rows: readonly Bars[], iterations: number): string {
  const rowMB = (parseSize(size)?.bytes ?? 0) / 1024 ** 2;
  const shown = rows.flatMap(({ top, measurements }) =>
    measurements.filter(one => one.size === size).map(measurement => ({ top, measurement })),
  );
  const mostMB = Math.max(LEAST_MB, ...shown.map(({ measurement }) => measurement.peakRssMB));
  const length = (megabytes: number): number => round((megabytes / mostMB) * PANEL.bars);
  const bottom = Math.max(...rows.map(row => row.top)) + ROW.bar;
  const all = length(rowMB * iterations);
  return [
    `<g transform="translate(${left} 0)">`,
    text(0, TOP - 10, 'bold', size),
    `<path class="axis" d="M0 ${TOP}V${bottom}"/>`,
    all <= PANEL.bars + 8 ? `<path class="all" d="M${all} ${TOP}V${bottom}"/>` : '',
    ...shown.map(({ top, measurement }) => {
      const { ownership, liveOwners, peakRssMB } = measurement;
      const star = isReduced(measurement, iterations) ? '*' : '';
      const live = Math.min(length(liveOwners * rowMB), length(peakRssMB));
      return [
        `<g class="${ownership}"><title>${heading(measurement)}, ${size}: peak ${peakRssMB.toFixed(1)} MB, ${liveOwners} of ${measurement.iterations} rows live</title>`,
        `<rect class="peak" y="${top}" width="${length(peakRssMB)}" height="${ROW.bar}"/>`,
        `<rect y="${top}" width="${live}" height="${ROW.bar}"/></g>`,
        text(length(peakRssMB) + 4, top + 11, 'quiet value', `${peakRssMB.toFixed(0)}${star}`),
      ].join('');
    }),
    '</g>',
  ].join('\n');
}

/** Everything written is a number or one of this program's own words: nothing to escape. */
const text = (left: number, top: number, name: string, words: string): string =>
  `<text x="${round(left)}" y="${round(top)}" class="${name}">${words}</text>`;

const round = (value: number): number => Math.round(value * 10) / 10;
