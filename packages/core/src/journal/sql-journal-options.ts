import { FieldFileError } from '@fieldfile/storage';
import type { SqlDialectName } from './dialect.ts';
import type { SqlExecutor } from './sql.ts';

export interface SqlJournalOptions {
  readonly dialect: SqlDialectName;
  /**
   * Runs one statement and commits it, on a connection of its own: never on that of a transaction that is open.
   * Numbers may come back as text.
   */
  readonly execute: SqlExecutor;
  /** Default: `fieldfile_journal`. Made by the statements of `journalTable`. */
  readonly table?: string;
  /** How long an upload that tells nothing of itself is left alone; renewed while its process runs. Default: 60. */
  readonly leaseSeconds?: number;
  /** How long a replaced or deleted object is kept before `recover` removes it. Default: 0, at once. */
  readonly keepRemovedSeconds?: number;
  /**
   * After what recovery took back from a process it cannot see, it looks again this much later, in case that process
   * was only asleep. Default: after an hour and after a day.
   */
  readonly undoAgainSeconds?: readonly number[];
  /**
   * What the application is called where it marks the locations of its objects: 1 to 64 letters, digits, `_`, `-` and `.`.
   * Default: a random id, which is kept in the table. Give a name where the table does not stay, or is copied: `staging`
   * for a copy of the database of `production`.
   */
  readonly application?: string;
}

/** @throws `invalid-argument` for what is no time. */
export function milliseconds(option: string, seconds: number): number {
  if (Number.isFinite(seconds) && seconds >= 0) return Math.round(seconds * 1000);
  throw new FieldFileError('invalid-argument', `${option} must be a number of seconds, not ${seconds}.`, {
    operation: 'journal',
  });
}
