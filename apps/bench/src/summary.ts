import { type Bar, type Comparison, FIELDFILE, type Figure, type Figures } from './comparison.ts';
import type { Rounds } from './run-comparison.ts';

export interface Summary {
  readonly comparison: string;
  readonly way: string;
  readonly rounds: number;
  readonly medians: Figures;
  /** The least of each figure: what the rest of the machine can add to a run, it cannot take away. */
  readonly bests: Figures;
  /** The way's best over the baseline's; 1 for the baseline. */
  readonly timesBaseline: Figures;
  readonly bars: readonly (Bar & { readonly met: boolean })[];
}

/** One a way, in their order. */
export function summarize(comparison: Comparison, rounds: Rounds): Summary[] {
  const [baseline = []] = rounds.values();
  const baselineBests = each(baseline, least);
  return Array.from(rounds, ([way, results]) => {
    const medians = each(results, median);
    const bests = each(results, least);
    const timesBaseline = each([bests], ([best], figure) => ratio(best, baselineBests[figure]));
    const bars = way === FIELDFILE ? (comparison.bars ?? []) : [];
    return {
      comparison: comparison.title,
      way,
      rounds: results.length,
      medians,
      bests,
      timesBaseline,
      bars: bars.map(bar => ({ ...bar, met: isMet(bar, medians, timesBaseline) })),
    };
  });
}

function each(results: readonly Figures[], reduce: (values: number[], figure: Figure) => number): Figures {
  const figures = Object.keys(results[0] ?? {}) as Figure[];
  return Object.fromEntries(
    figures.map(figure => [
      figure,
      reduce(
        results.map(result => result[figure] ?? Number.NaN),
        figure,
      ),
    ]),
  );
}

/** The middle one; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}

const ratio = (value = Number.NaN, baseline = Number.NaN): number => value / baseline;

const least = (values: readonly number[]): number => Math.min(...values);

function isMet(bar: Bar, medians: Figures, timesBaseline: Figures): boolean {
  return 'atMost' in bar
    ? (medians[bar.figure] ?? Number.NaN) <= bar.atMost
    : (timesBaseline[bar.figure] ?? Number.NaN) <= bar.timesBaseline;
}
