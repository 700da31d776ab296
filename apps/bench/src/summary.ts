import { type Bar, type Comparison, FIELDFILE, type Figure, type Figures } from './comparison.ts';
import type { Rounds } from './run-comparison.ts';

export interface Summary {
  readonly comparison: string;
  readonly way: string;
  readonly rounds: number;
  readonly medians: Figures;
  /** The least of each figure: what the rest of the machine can add to a run, it cannot take away. */
  readonly bests: Figures;
  /** The most of each figure. */
  readonly worsts: Figures;
  /** The way's best over the baseline's, or over the best of several. */
  readonly timesBaseline: Figures;
  readonly bars: readonly (Bar & { readonly met: boolean })[];
}

/** One a way, in their order. */
export function summarize(comparison: Comparison, rounds: Rounds): Summary[] {
  const bestsOf = (ways: readonly string[]): Figures =>
    each(
      ways.flatMap(way => rounds.get(way) ?? []),
      least,
    );
  const baselineBests = bestsOf(comparison.baselines ?? [...rounds.keys()].slice(0, 1));
  return Array.from(rounds, ([way, results]) => {
    const medians = each(results, median);
    const bests = each(results, least);
    const worsts = each(results, values => Math.max(...values));
    const timesBaseline = each([bests], ([best], figure) => ratio(best, baselineBests[figure]));
    const isMet = (bar: Bar): boolean => {
      const { figure } = bar;
      if ('atMost' in bar) return at(medians, figure) <= bar.atMost;
      if ('timesBaseline' in bar) return at(timesBaseline, figure) <= bar.timesBaseline;
      return at(bests, figure) <= at(bestsOf(bar.aheadOf), figure);
    };
    const bars = way === FIELDFILE ? (comparison.bars ?? []) : [];
    return {
      comparison: comparison.title,
      way,
      rounds: results.length,
      medians,
      bests,
      worsts,
      timesBaseline,
      bars: bars.map(bar => ({ ...bar, met: isMet(bar) })),
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

const at = (figures: Figures, figure: Figure): number => figures[figure] ?? Number.NaN;
