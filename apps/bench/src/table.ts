import type { Bar, Figure } from './comparison.ts';
import type { Summary } from './summary.ts';

const headings: Readonly<Record<Figure, string>> = {
  wallMs: 'wall',
  cpuMs: 'CPU',
  nanosecondsEach: 'each',
  bytesEach: 'each',
  peakRssMiB: 'peak RSS',
};

/** One comparison: a line a way, each figure's median with how many times the baseline's it is at best. */
export function table(title: string, summaries: readonly Summary[]): string {
  const figures = Object.keys(summaries[0]?.medians ?? {}) as Figure[];
  const lines = summaries.map((summary, index) => {
    const cells = figures.map(figure => {
      const times = index === 0 ? '' : `${fixed(summary.timesBaseline[figure])} ×`;
      return [quantity(figure, summary.medians[figure]), times];
    });
    return [`  ${summary.way}`, ...cells.flat(), summary.bars.map(barText).join(', ')];
  });
  return aligned([[title, ...figures.flatMap(figure => [headings[figure], ''])], ...lines]);
}

function barText(bar: Bar & { readonly met: boolean }): string {
  const limit = 'atMost' in bar ? quantity(bar.figure, bar.atMost) : `${fixed(bar.timesBaseline)} ×`;
  return `${headings[bar.figure]} at most ${limit}: ${bar.met ? 'met' : 'MISSED'}`;
}

function quantity(figure: Figure, value = Number.NaN): string {
  switch (figure) {
    case 'wallMs':
    case 'cpuMs':
      return value < 1000 ? `${value.toFixed(1)} ms` : `${(value / 1000).toFixed(2)} s`;
    case 'nanosecondsEach':
      return `${value.toFixed(1)} ns`;
    case 'bytesEach':
      return `${value.toFixed(0)} B`;
    case 'peakRssMiB':
      return `${value.toFixed(0)} MiB`;
  }
}

const fixed = (value = Number.NaN): string => value.toFixed(2);

/** The first column to the left, numbers to the right, bars as they are. */
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
          return index === 0 ? cell.padEnd(width) : index === columns - 1 ? cell : cell.padStart(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
