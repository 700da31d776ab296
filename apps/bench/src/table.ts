import type { Bar, Figure } from './comparison.ts';
import type { Summary } from './summary.ts';

const headings: Readonly<Record<Figure, string>> = {
  wallMs: 'wall',
  cpuMs: 'CPU',
  nanosecondsEach: 'each',
  bytesEach: 'each',
  statementsEach: 'statements',
  peakRssMiB: 'peak RSS',
};

/** One comparison: a line a way and one a bar; each figure's median, least and most, and how many times the baseline's it is at best. */
export function table(title: string, summaries: readonly Summary[]): string {
  const figures = Object.keys(summaries[0]?.medians ?? {}) as Figure[];
  const lines = summaries.map(summary => {
    const { medians, bests, worsts, timesBaseline } = summary;
    const cells = figures.map(figure => [
      quantity(figure, medians[figure]),
      `${quantity(figure, bests[figure])} – ${quantity(figure, worsts[figure])}`,
      times(timesBaseline[figure]),
    ]);
    return [`  ${summary.way}`, ...cells.flat()];
  });
  const bars = summaries.flatMap(summary => summary.bars.map(bar => `  ${barText(bar)}`));
  return [
    aligned([[title, ...figures.flatMap(figure => [headings[figure], '', ''])], ...lines]),
    ...bars,
  ].join('\n');
}

function barText(bar: Bar & { readonly met: boolean }): string {
  return `${headings[bar.figure]} ${limitText(bar)}: ${bar.met ? 'met' : 'MISSED'}`;
}

function limitText(bar: Bar): string {
  if ('atMost' in bar) return `at most ${quantity(bar.figure, bar.atMost)}`;
  if ('timesBaseline' in bar) return `at most ${fixed(bar.timesBaseline)} ×`;
  return `ahead of ${bar.aheadOf.join(', ')}`;
}

function quantity(figure: Figure, value = Number.NaN): string {
  switch (figure) {
    case 'wallMs':
    case 'cpuMs':
      return value < 1000 ? `${value.toFixed(1)} ms` : `${(value / 1000).toFixed(2)} s`;
    case 'nanosecondsEach':
      return value < 10_000 ? `${value.toFixed(1)} ns` : `${(value / 1000).toFixed(1)} µs`;
    case 'bytesEach':
      return `${value.toFixed(0)} B`;
    case 'statementsEach':
      return value.toFixed(1);
    case 'peakRssMiB':
      return `${value.toFixed(0)} MiB`;
  }
}

/** Empty where the baseline was nothing to speak of, as memory may be. */
const times = (ratio = Number.NaN): string => (Number.isFinite(ratio) ? `${fixed(ratio)} ×` : '');

const fixed = (value = Number.NaN): string => value.toFixed(2);

/** The first column to the left, numbers to the right. */
function aligned(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(...rows.map(row => row.length));
  const widths = Array.from({ length: columns }, (_, index) =>
    Math.max(...rows.map(row => row[index]?.length ?? 0)),
  );
  return rows
    .map(row =>
      row
        .map((cell, index) => {
          const width = widths[index] ?? 0;
          return index === 0 ? cell.padEnd(width) : cell.padStart(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
