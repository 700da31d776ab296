/** What one process measured: one line of `--json`. */
export interface Measurement {
  readonly size: string;
  readonly ownership: string;
  readonly pattern: string;
  readonly loop: string;
  readonly flags: string;
  readonly iterations: number;
  /** Resident set before the first row is fetched, in MiB, as the other figures. */
  readonly memoryStartMB: number;
  /** Resident set right after the last row, before anything is collected on purpose. */
  readonly memoryEndMB: number;
  readonly memoryDiffMB: number;
  /** Resident set after a turn of the event loop and a garbage collection, over the start. */
  readonly collectedDiffMB: number;
  /** Highest resident set during the loop, over the start. */
  readonly peakRssMB: number;
  /** Rows still in memory after a turn of the event loop and a garbage collection. */
  readonly liveOwners: number;
}
