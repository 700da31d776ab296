/** Three ways in which a file can know its row. */
export const OWNERSHIPS = ['strong', 'naive', 'weak'] as const;
export type Ownership = (typeof OWNERSHIPS)[number];

/** One run of the experiment. */
export interface MemoryOrder {
  readonly rows: number;
  readonly rowBytes: number;
  /** Whether the files are held to the end, as in a cache or a queue; else each is dropped at once. */
  readonly held: boolean;
}

/** What a process told of itself. */
export interface MemorySample {
  readonly ownership: Ownership;
  /** Rows that were loaded so far. */
  readonly loaded: number;
  /** Rows that are in memory now, counted on V8's heap. */
  readonly alive: number;
  /** Files that are held now. */
  readonly held: number;
  /** More than at the start. */
  readonly rssBytes: number;
  /** `job`: in the job that loads them. `turn`: after it, when the event loop has turned. */
  readonly when: 'job' | 'turn';
}
