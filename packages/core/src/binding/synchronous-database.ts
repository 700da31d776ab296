import { AsyncLocalStorage } from 'node:async_hooks';
import { FieldFileError } from '@fieldfile/storage';
import { FileScope, type ScopeOutcome } from '../change/file-scope.ts';
import { rowChanges } from '../change/row-changes.ts';
import { transactionEnded } from '../change/transaction-ended.ts';
import { uploadOrUndo } from '../change/upload.ts';
import type { Journal } from '../journal/journal.ts';
import type { SyncSqlExecutor } from '../journal/sql.ts';
import { isWithoutSavepoint, transactionLost } from './anchor.ts';
import { failureOf } from './attempt.ts';
import { wasRefused } from './refusals.ts';
import type { RowsDatabase } from './rows-database.ts';
import { atOnce, type Steps } from './steps.ts';
import type { RowWriting, WriteRowsOptions } from './write-rows.ts';
import { writeRowsSync } from './write-rows-sync.ts';

/** Opens a transaction or savepoint, runs what it is given, and commits, or rolls back when that throws. All of it at once. */
export type SyncBegin<Executor> = <T>(work: (executor: Executor) => T) => T;

export interface SynchronousDatabaseOptions<Executor> {
  /** The library's database object. */
  readonly executor: Executor & object;
  /** What answers questions about all rows, where that is another one. Default: the database itself. */
  readonly reader?: Executor | undefined;
  /** Opens a transaction of the database. */
  readonly begin: SyncBegin<Executor>;
  /** Opens a savepoint in a transaction. */
  readonly savepoint: (outer: Executor) => SyncBegin<Executor>;
  /** Runs SQL text; left out where there is no SQL. */
  readonly execute?: (on: Executor) => SyncSqlExecutor;
  /** Whether a transaction is open on the connection, whoever began it. Left out where nobody can tell. */
  readonly isInTransaction?: (() => boolean) | undefined;
  /** It takes entries at once: `SqliteJournal` does. */
  readonly journal: Journal | undefined;
}

/** A transaction or savepoint while it runs. */
interface SyncLevel<Executor> {
  readonly executor: Executor;
  readonly scope: FileScope;
  isOpen: boolean;
}

/**
 * A database whose driver answers at once. Its only connection is everybody's: work that waited inside a transaction
 * would let other work into it. So a transaction runs from BEGIN to COMMIT without waiting: the bytes are stored before,
 * and objects are removed afterwards.
 */
export class SynchronousDatabase<Executor> implements RowsDatabase<Executor> {
  readonly journal: Journal | undefined;
  readonly atOnce: NonNullable<RowsDatabase<Executor>['atOnce']>;
  readonly #options: SynchronousDatabaseOptions<Executor>;
  /** What the caller belongs to, also once it has ended: of work that went on in spite of that. */
  readonly #context = new AsyncLocalStorage<SyncLevel<Executor> | undefined>();
  readonly #ending = new Set<Promise<void>>();

  /** @throws `invalid-argument` for a journal that cannot take entries at once. */
  constructor(options: SynchronousDatabaseOptions<Executor>) {
    const { journal } = options;
    if (journal && !journal.takeSync) throw journalWaits();
    this.journal = journal;
    this.#options = options;
    this.atOnce = {
      statement: run => run(this.executor),
      write: (rows, write, { perhapsInPart } = {}) =>
        this.#inLevel(level => this.#write(level, rows, write, perhapsInPart)),
    };
  }

  get scope(): FileScope | undefined {
    const level = this.#context.getStore();
    return level?.isOpen ? level.scope : undefined;
  }

  get executor(): Executor {
    return this.#current?.executor ?? this.#options.executor;
  }

  get reader(): Executor {
    return this.#options.reader ?? this.#options.executor;
  }

  /**
   * Runs work in a transaction, or inside one in a savepoint, from its begin to its end without waiting. Objects are removed
   * afterwards: {@link settled} tells when.
   *
   * @param begin opens it otherwise than the database's own does, with options of the library.
   * @throws `unsupported` for work that returns a promise; what the work throws.
   */
  transaction<T>(work: (executor: Executor) => T, begin: SyncBegin<Executor> = this.#options.begin): T {
    const outer = this.#current;
    if (outer) return this.#savepoint(outer, work);
    return this.#transaction(({ executor }) => refusePromise(work(executor)), begin);
  }

  /** Resolves when what ended transactions had to do with objects is done. */
  async settled(): Promise<void> {
    while (this.#ending.size > 0) await Promise.all(this.#ending);
  }

  /** Runs what takes no part in the transaction at hand, and may outlive it. */
  outside<T>(work: () => T): T {
    return this.#context.run(undefined, work);
  }

  async write<T>(
    rows: readonly object[],
    write: (executor: Executor, writing: RowWriting) => Steps<T>,
    { perhapsInPart }: Pick<WriteRowsOptions<T>, 'perhapsInPart'> = {},
  ): Promise<T> {
    this.refuseWaiting();
    await uploadOrUndo(rows);
    let begun = false;
    try {
      return await this.#ended(() =>
        this.#transaction(level => {
          begun = true;
          return this.#write(level, rows, write, perhapsInPart);
        }),
      );
    } catch (error) {
      if (!begun) for (const row of rows) await rowChanges(row).failed();
      throw error;
    }
  }

  async statement<T>(run: (executor: Executor) => T): Promise<Awaited<T>> {
    this.refuseWaiting();
    return await run(this.#options.executor);
  }

  async atomically<T>(run: (executor: Executor) => Steps<T>): Promise<T> {
    this.refuseWaiting();
    return this.#ended(() => this.#transaction(({ executor }) => atOnce(run(executor))));
  }

  /** For what has to wait: before a byte is stored. @throws `unsupported` in a transaction; `transaction-ended` after it. */
  refuseWaiting(): void {
    if (this.#current) throw cannotWait();
  }

  /** @throws `transaction-ended`. */
  get #current(): SyncLevel<Executor> | undefined {
    const level = this.#context.getStore();
    if (level && !level.isOpen) throw transactionEnded();
    return level;
  }

  #inLevel<T>(work: (level: SyncLevel<Executor>) => T): T {
    const level = this.#current;
    return level ? work(level) : this.#transaction(work);
  }

  #write<T>(
    { executor, scope }: SyncLevel<Executor>,
    rows: readonly object[],
    write: (executor: Executor, writing: RowWriting) => Steps<T>,
    perhapsInPart: WriteRowsOptions<T>['perhapsInPart'],
  ): T {
    const transaction = { executor, scope, execute: this.#options.execute?.(executor) };
    return writeRowsSync(rows, (on, writing) => atOnce(write(on, writing)), transaction, perhapsInPart);
  }

  #transaction<T>(work: (level: SyncLevel<Executor>) => T, begin = this.#options.begin): T {
    const { isInTransaction } = this.#options;
    if (isInTransaction?.()) throw begunElsewhere();
    const scope = new FileScope();
    let hasWorked = false;
    let outcome: ScopeOutcome = 'rolled-back';
    try {
      const result = begin(executor => {
        const anchor = this.#anchor(executor);
        try {
          const result = this.#run({ executor, scope, isOpen: true }, work);
          if (anchor?.isLost()) throw transactionLost();
          scope.throwIfRefused();
          hasWorked = true;
          return result;
        } catch (thrown) {
          const isLost = anchor?.isLost() ?? false;
          if (isLost) scope.doubt();
          const failure = failureOf(thrown, isLost);
          outcome = failure.outcome;
          throw failure.error;
        }
      });
      outcome = 'committed';
      return result;
    } catch (error) {
      if (hasWorked) outcome = wasRefused(error) ? 'rolled-back' : 'unknown';
      throw error;
    } finally {
      this.#end(scope, outcome);
    }
  }

  #savepoint<T>(outer: SyncLevel<Executor>, work: (executor: Executor) => T): T {
    const scope = outer.scope.savepoint();
    let outcome: ScopeOutcome = 'rolled-back';
    try {
      const result = this.#options.savepoint(outer.executor)(executor => {
        const level = { executor, scope, isOpen: true };
        const result = this.#run(level, () => refusePromise(work(executor)));
        scope.throwIfRefused();
        return result;
      });
      outcome = 'committed';
      return result;
    } finally {
      void scope.end(outcome); // of a savepoint: it waits for nothing
    }
  }

  #run<T>(level: SyncLevel<Executor>, work: (level: SyncLevel<Executor>) => T): T {
    try {
      return this.#context.run(level, () => work(level));
    } finally {
      level.isOpen = false;
    }
  }

  /** As `savepointAnchor`: SQLite may end a transaction by itself. */
  #anchor(executor: Executor): { isLost(): boolean } | undefined {
    const execute = this.#options.execute?.(executor);
    if (!execute) return undefined;
    execute('SAVEPOINT fieldfile', []);
    let isLost: boolean | undefined;
    const released = (): boolean => {
      try {
        execute('RELEASE SAVEPOINT fieldfile', []);
        return false;
      } catch (error) {
        return isWithoutSavepoint(error);
      }
    };
    return {
      isLost() {
        isLost ??= released();
        return isLost;
      },
    };
  }

  /** Never throws. */
  #end(scope: FileScope, outcome: ScopeOutcome): void {
    // What is done with objects belongs to no transaction.
    const ending = this.outside(() => scope.end(outcome));
    this.#ending.add(ending);
    void ending.finally(() => this.#ending.delete(ending));
  }

  /** Runs a transaction, and waits for what it has to do with objects. */
  async #ended<T>(transaction: () => T): Promise<T> {
    const before = new Set(this.#ending);
    try {
      return transaction();
    } finally {
      await Promise.all([...this.#ending].filter(ending => !before.has(ending)));
    }
  }
}

function refusePromise<T>(result: T): T {
  if (typeof (result as { then?: unknown } | null | undefined)?.then !== 'function') return result;
  // It goes on, and is told that its transaction has ended. A statement that waits to be awaited must not be run now.
  if (result instanceof Promise) result.catch(() => {});
  throw cannotWait();
}

const cannotWait = (): FieldFileError =>
  new FieldFileError(
    'unsupported',
    'A synchronous transaction cannot wait: give transactionSync() a function that returns no promise, run statements ' +
      'with `.run()` or `.all()`, call insertSync(), updateSync() and deleteSync() in it, and `await upload(row)` before it.',
    { operation: 'transaction', applied: false },
  );

const begunElsewhere = (): FieldFileError =>
  new FieldFileError(
    'unsupported',
    'A transaction is open on this connection that was not begun by transactionSync(): files could not follow when it is ' +
      'rolled back. Begin it with transactionSync().',
    { operation: 'transaction', applied: false },
  );

const journalWaits = (): FieldFileError =>
  new FieldFileError(
    'invalid-argument',
    'This journal cannot take entries in a synchronous transaction: use `SqliteJournal`.',
    { operation: 'journal' },
  );
