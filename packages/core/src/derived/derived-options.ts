import type { Storage, StorageAlias } from '@fieldfile/storage';
import type { FileReference } from '../field/field-file.ts';
import type { SqlExecutor } from '../journal/sql.ts';

/**
 * Objects that are made of a field's objects, as an image's variants are. They go with the object that they are made of,
 * through the same journal, and a sweep knows them.
 */
export interface DerivedOptions {
  /** Where they are kept: as a field's own `storage`. Default: where the field's objects are. */
  readonly storage?: StorageAlias | Storage | (() => StorageAlias | Storage);
  /** What can be made, by name: plain data for whoever makes it. */
  readonly kinds?: Readonly<Record<string, unknown>>;
  /**
   * Told of every file that a row gets, and of bytes that are replaced: for a queue of work, so that what is derived is there
   * before anybody asks for it. It needs a binding.
   */
  readonly enqueue?: EnqueueDerived;
}

/**
 * Takes a job: a row's file, as plain data. It is called in the transaction that writes the row, after the row was written.
 * When it throws, that is rolled back. Where that transaction cannot wait, and where bytes were replaced in place, it is
 * called right after the commit, and what it throws is reported to `onError`.
 */
export type EnqueueDerived = (job: FileReference, moment: JobMoment) => void | Promise<void>;

/** The moment at which a row has got its file. */
export interface JobMoment {
  /** Runs SQL in the row's transaction. Left out where there is no SQL, and after the commit. */
  readonly execute?: SqlExecutor;
  /**
   * Runs work when the transaction is committed, and never when it is rolled back, to a savepoint or altogether. What it
   * throws is reported to `onError`.
   */
  afterCommit(work: () => void | Promise<void>): void;
}
