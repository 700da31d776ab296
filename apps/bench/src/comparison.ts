/** What one run of one way measured. */
export type Figure = 'wallMs' | 'cpuMs' | 'nanosecondsEach' | 'bytesEach' | 'peakRssMiB';

export type Figures = Readonly<Partial<Record<Figure, number>>>;

/** Runs once, in a process of its own, and measures itself. What it writes below `folder` it removes. */
export type Way = (folder: string) => Promise<Figures>;

/** What the project promises of FieldFile's figure: at most so much, or at most so many times the baseline's. */
export type Bar = { readonly figure: Figure } & (
  | { readonly atMost: number }
  | { readonly timesBaseline: number }
);

/** Several ways of doing one thing, run in turn: the first is the baseline that the others are held against. */
export interface Comparison {
  readonly title: string;
  readonly ways: Readonly<Record<string, Way>>;
  readonly bars?: readonly Bar[];
  /** What every way finds below `folder`: made before the first round, where it is not there yet. */
  readonly prepare?: (folder: string) => Promise<void>;
  /** Rounds, where no option says. Default: 5. */
  readonly rounds?: number;
}

/** The way that bars are about. */
export const FIELDFILE = 'FieldFile';
