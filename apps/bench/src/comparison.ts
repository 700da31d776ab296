/** What one run of one way measured. */
export type Figure = 'wallMs' | 'cpuMs' | 'nanosecondsEach' | 'bytesEach' | 'statementsEach' | 'peakRssMiB';

export type Figures = Readonly<Partial<Record<Figure, number>>>;

/** Runs once, in a process of its own, and measures itself. What it writes below `folder` it removes. */
export type Way = (folder: string) => Promise<Figures>;

/**
 * What the project promises of FieldFile's figure: at most so much, at most so many times the baseline's, or no more
 * than that of any other library.
 */
export type Bar = { readonly figure: Figure } & (
  | { readonly atMost: number }
  | { readonly timesBaseline: number }
  | { readonly aheadOf: readonly string[] }
);

/** Several ways of doing one thing, run in turn. */
export interface Comparison {
  readonly title: string;
  readonly ways: Readonly<Record<string, Way>>;
  /** The ways that all are held against: in each figure, the best of them. Default: the first. */
  readonly baselines?: readonly string[];
  /** Other libraries' ways, run when asked for. */
  readonly rivals?: Readonly<Record<string, Way>>;
  readonly bars?: readonly Bar[];
  /** Starts what the ways talk to. */
  readonly server?: (folder: string) => Promise<AsyncDisposable>;
  /** Starts it anew for each round, where it would keep every byte it ever had. Default: false. */
  readonly serverEachRound?: boolean;
  /** What every way finds below `folder` or on the server: made after it has started, where it is not there yet. */
  readonly prepare?: (folder: string) => Promise<void>;
  /** Run when asked for. Default: false. */
  readonly large?: boolean;
  /** Rounds, where no option says. Default: 5. */
  readonly rounds?: number;
}

/** The way that bars are about. */
export const FIELDFILE = 'FieldFile';

/** With the other libraries among the ways, and the promise to be ahead of them. */
export function withRivals(comparison: Comparison): Comparison {
  const { ways, rivals = {}, bars = [] } = comparison;
  const aheadOf = Object.keys(rivals);
  if (aheadOf.length === 0) return comparison;
  const timed = bars.filter(bar => 'timesBaseline' in bar);
  return {
    ...comparison,
    ways: { ...ways, ...rivals },
    baselines: comparison.baselines ?? Object.keys(ways).slice(0, 1),
    bars: [...bars, ...timed.map(({ figure }) => ({ figure, aheadOf }))],
  };
}
