/** What the storage page shows, beside the storages. */
export interface StoragePageView {
  readonly journal: readonly EntryView[];
  readonly links: readonly LinkView[];
}

/** An entry of the journal: a change that is under way, or a removal that waits. */
interface EntryView {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly storage: string;
  readonly name: string | null;
  readonly oldName: string | null;
  readonly attempts: number;
  /** It failed too often: recovery leaves it alone. */
  readonly setAside: boolean;
}

export interface LinkView {
  readonly id: string;
  readonly shelf: string;
  readonly name: string;
  readonly state: string;
  readonly uses: number;
  readonly maxUses: number | null;
  readonly expiresAt: number;
}

interface FindingView {
  readonly kind: string;
  readonly name: string;
}

/** What a sweep found. */
export interface SweepView {
  readonly objects: number;
  readonly rows: number;
  readonly orphans: number;
  readonly missing: number;
  readonly removed: number;
  readonly braked: string | null;
  readonly findings: readonly FindingView[];
}

/** How far files have been copied from one storage to another. */
export interface CopyProgress {
  readonly done: number;
  readonly total: number;
  readonly bytes: number;
  /** Files whose copy was read back, and has the digest of the original. */
  readonly verified: number;
  /** Files that are there already. */
  readonly skipped: number;
  readonly failed: number;
}
