import type { StorageName } from './storage-name.ts';

/** What is done on every storage, in this order. */
export const steps = ['save', 'read', 'url', 'replace', 'delete'] as const;

export type Step = (typeof steps)[number];

/** What a step did: files that passed its checks, and the bytes of their contents. */
export interface StepFigures {
  readonly files: number;
  readonly bytes: number;
  readonly milliseconds: number;
}

/** One check that failed. */
export interface Failure {
  /** `open`: before the first step. `list`: what was left is not what should be. */
  readonly step: 'open' | Step | 'list';
  /** As it is shown; absent where it was not about one file. */
  readonly file?: string;
  /** Of the `FieldFileError`; the class of any other error. */
  readonly code: string;
  readonly message: string;
}

/** What one storage did: one line of `--json`. */
export interface StorageReport {
  readonly storage: StorageName;
  readonly place: string;
  /** Of the storage, where it could be opened. */
  readonly id?: string;
  /** Files to keep. */
  readonly files: number;
  readonly bytes: number;
  /** Without the steps that were not made: `url` where a storage signs none, `delete` with `--keep`. */
  readonly steps: { readonly [step in Step]?: StepFigures };
  /** Objects that were there at the end. Absent where nobody could be asked. */
  readonly objectsLeft?: number;
  /** Highest resident set of this process meanwhile, test servers in it included. */
  readonly peakRssBytes: number;
  readonly failures: readonly Failure[];
}
