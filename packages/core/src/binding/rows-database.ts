import type { FileScope } from '../change/file-scope.ts';
import type { Journal } from '../journal/journal.ts';
import type { Awaitable, Steps } from './steps.ts';
import type { RowWriting, WriteRowsOptions } from './write-rows.ts';

type Write<Executor, T> = (executor: Executor, writing: RowWriting) => Steps<T>;
type Options<T> = Pick<WriteRowsOptions<T>, 'perhapsInPart'>;

/** A database as `TableFiles` uses it: `TableDatabase`, or `SynchronousDatabase`. */
export interface RowsDatabase<Executor> {
  readonly journal: Journal | undefined;
  /** Of the caller's transaction. */
  readonly scope: FileScope | undefined;
  /** What runs the caller's statements. @throws `transaction-ended`. */
  readonly executor: Executor;
  /** What answers questions about all rows. */
  readonly reader: Executor;
  /** Writes rows and their files by statements that belong together. */
  write<T>(rows: readonly object[], write: Write<Executor, T>, options?: Options<T>): Promise<T>;
  /** Runs one statement. */
  statement<T>(run: (executor: Executor) => Awaitable<T>): Promise<T>;
  /** Runs statements in a transaction in any case. */
  atomically<T>(run: (executor: Executor) => Steps<T>): Promise<T>;
  /** The same without waiting, where the driver answers at once. */
  readonly atOnce?: {
    write<T>(rows: readonly object[], write: Write<Executor, T>, options?: Options<T>): T;
    statement<T>(run: (executor: Executor) => Awaitable<T>): Awaitable<T>;
  };
  /** @throws `unsupported` in a transaction that cannot wait. */
  refuseWaiting?(): void;
}
