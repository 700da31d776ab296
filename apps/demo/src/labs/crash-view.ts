import type { Step } from '@fieldfile/crash/steps';

/** A moment of a save at which its process can be killed. */
export interface SaveStep {
  readonly step: Step;
  readonly title: string;
  /** What is so at that moment. */
  readonly text: string;
}

/** A save that replaces a row's file, step by step. */
export const SAVE_STEPS: readonly SaveStep[] = [
  {
    step: 'after journal begin',
    title: 'Intent',
    text: 'The journal says what is about to be stored, before a byte moves.',
  },
  {
    step: 'mid-upload',
    title: 'Bytes',
    text: 'A part of the content is on the disk, under no name that anybody sees.',
  },
  {
    step: 'after create',
    title: 'Object',
    text: 'The new object is whole and has its name. The row still names the old one.',
  },
  {
    step: 'after row write',
    title: 'Row',
    text: 'The row names the new object, in a transaction that is not committed.',
  },
  {
    step: 'after take',
    title: 'Taken',
    text: 'The journal’s entry is taken, and the transaction still open.',
  },
  {
    step: 'after commit',
    title: 'Commit',
    text: 'The row names the new object for good. The old one is still there.',
  },
  { step: 'after settle', title: 'Settle', text: 'The storage has forgotten the id of the write.' },
  {
    step: 'before removal',
    title: 'Old object',
    text: 'The old object is about to be removed: no row names it.',
  },
  {
    step: 'after removal',
    title: 'Removed',
    text: 'The old object is gone. The journal’s entry is not ended yet.',
  },
  { step: 'after end', title: 'End', text: 'Nothing is left to do.' },
];

/** What goes wrong, if no process dies. */
export const FAULTS = {
  'storage-down': 'The storage is down',
  'lost-answer': 'The storage’s answer is lost',
  'database-down': 'The database refuses the row',
  'disk-full': 'The disk is full',
} as const;

export type Fault = keyof typeof FAULTS;

export type CrashOrder =
  | { readonly kind: 'kill'; readonly step: Step }
  | { readonly kind: 'fault'; readonly fault: Fault }
  | { readonly kind: 'nothing' };

/** Both sides and the journal, as they are at one moment. */
export interface WorldView {
  readonly objects: readonly { readonly name: string; readonly text: string }[];
  /** What the storage keeps for itself: parts, receipts. */
  readonly leftovers: number;
  readonly row: { readonly file: string | null; readonly size: number | null };
  readonly journal: readonly {
    readonly kind: string;
    readonly state: string;
    readonly name: string | null;
    readonly oldName: string | null;
  }[];
}

export interface CrashReport {
  /** What was done to the process, where that is not plain. */
  readonly note?: string;
  /** `SIGKILL` where the process was killed, else null. */
  readonly signal: string | null;
  /** What the save was answered with, where it was: null for success. */
  readonly error: { readonly code: string; readonly message: string } | null | undefined;
  readonly begin: WorldView;
  readonly before: WorldView;
  /** What `recover()` did. */
  readonly recovered: { readonly undone: number; readonly finished: number };
  readonly after: WorldView;
}

/** What became of twenty writers of one name. */
export interface RaceReport {
  readonly wanted: string;
  readonly names: readonly string[];
  /** Whether every object has the content of the writer that was given its name. */
  readonly whole: boolean;
  readonly milliseconds: number;
}
