import type { FileScope } from '../change/file-scope.ts';
import type { Journal } from '../journal/journal.ts';
import type { SqlExecutor } from '../journal/sql.ts';
import type { Anchor } from './anchor.ts';
import type { Level } from './level.ts';
import { whileDeadlocked } from './own-attempts.ts';
import { refuseOwnPool } from './refuse-own-pool.ts';
import type { RowsDatabase } from './rows-database.ts';
import { type Awaitable, inTime, type Steps } from './steps.ts';
import { type Begin, type TransactionOptions, Transactions } from './transactions.ts';
import { type RowTransaction, type RowWriting, type WriteRowsOptions, writeRows } from './write-rows.ts';

export interface TableDatabaseOptions<Executor> {
  /** The library's database object. */
  readonly executor: Executor & object;
  /**
   * What answers questions about all rows (does one still name this object? which names are there?): where row-level
   * security hides rows from the database object, one that sees all of them, on the primary. Default: the database itself.
   */
  readonly reader?: Executor | undefined;
  /** Opens a transaction of the database. */
  readonly begin: Begin<Executor>;
  /** Opens a savepoint in a transaction. */
  readonly savepoint: (outer: Level<Executor>) => Begin<Executor>;
  /** Runs SQL text in a transaction: left out where there is no SQL, and no journal but one apart from the rows. */
  readonly execute?: (on: Executor) => SqlExecutor;
  readonly journal: Journal | undefined;
  /** Whether another object of the library is on the same pool, as far as that can be told. */
  readonly samePool?: (other: object) => boolean;
  readonly siblingWaitSeconds: number | undefined;
  /** Where the database may end a transaction by itself: `savepointAnchor`, if it has SQL. */
  readonly anchor?: Anchor<Executor> | undefined;
  /** Shared with who follows the transactions that the library begins by itself. Default: the database's own. */
  readonly transactions?: Transactions<Executor>;
}

/** A database whose rows are plain objects, and what all of its tables share: transactions and the journal. */
export class TableDatabase<Executor> implements RowsDatabase<Executor> {
  readonly journal: Journal | undefined;
  readonly #options: TableDatabaseOptions<Executor>;
  readonly #transactions: Transactions<Executor>;

  /** @throws `invalid-argument` where the journal is on the database's own pool. */
  constructor(options: TableDatabaseOptions<Executor>) {
    refuseOwnPool(options.journal, options.executor, options.samePool);
    this.journal = options.journal;
    this.#options = options;
    this.#transactions = options.transactions ?? new Transactions(options);
  }

  /** Of the caller's transaction. */
  get scope(): FileScope | undefined {
    return this.#transactions.open?.scope;
  }

  /** What runs the caller's statements. @throws `transaction-ended`. */
  get executor(): Executor {
    return this.#transactions.current?.executor ?? this.#options.executor;
  }

  /** What answers questions about all rows, which need not be asked in the transaction at hand. */
  get reader(): Executor {
    const { reader, executor } = this.#options;
    return reader ?? this.#transactions.open?.connection ?? executor;
  }

  execute(on: Executor): SqlExecutor | undefined {
    return this.#options.execute?.(on);
  }

  /** Whether the caller belongs to a transaction with such an executor, which may have ended. */
  isIn(test: (executor: Executor) => boolean): boolean {
    return this.#transactions.isIn(test);
  }

  /**
   * Runs work in a transaction, or inside one in a savepoint: files follow the rows.
   * @param options `begin`: opens it otherwise than the database's own does, with options of the library.
   */
  transaction<T>(
    work: (executor: Executor) => Promise<T>,
    options: TransactionOptions & { readonly begin?: Begin<Executor> } = {},
  ): Promise<T> {
    const outer = this.#transactions.current;
    const { savepoint, begin } = this.#options;
    return this.#transactions.run(outer ? savepoint(outer) : (options.begin ?? begin), work, options);
  }

  /** Runs what takes no part in the transaction at hand, and may outlive it. */
  outside<T>(work: () => T): T {
    return this.#transactions.outside(work);
  }

  /** Writes rows and their files by statements that belong together: in the transaction at hand, or in one of their own. */
  write<T>(
    rows: readonly object[],
    write: (executor: Executor, writing: RowWriting) => Promise<T> | Steps<T>,
    options: Pick<WriteRowsOptions<T>, 'perhapsInPart'> = {},
  ): Promise<T> {
    return writeRows<T, Executor>({
      ...options,
      rows,
      write: (executor, writing) => waited(write(executor, writing)),
      within: work => {
        const { current } = this.#transactions;
        if (current) return this.#during(current, work);
        const alone = (): Promise<T> => this.#during(this.#level, work);
        return this.#transactions.run(this.#options.begin, alone, { isOwn: true });
      },
    });
  }

  /** Runs one statement: in its turn in the transaction at hand, or by itself. */
  async statement<T>(run: (executor: Executor) => Awaitable<T>): Promise<T> {
    const { current } = this.#transactions;
    return current
      ? this.#transactions.during(current, async executor => run(executor))
      : run(this.#options.executor);
  }

  /** As `statement`, but in a transaction in any case. */
  async atomically<T>(run: (executor: Executor) => Promise<T> | Steps<T>): Promise<T> {
    const { current } = this.#transactions;
    const work = (executor: Executor): Promise<T> => waited(run(executor));
    return current
      ? this.#transactions.during(current, work)
      : whileDeadlocked(() => this.#options.begin(work));
  }

  #during<T>(
    level: Level<Executor>,
    work: (transaction: RowTransaction<Executor>) => Promise<T>,
  ): Promise<T> {
    return this.#transactions.during(level, executor =>
      work({ executor, scope: level.scope, execute: this.execute(executor) }),
    );
  }

  get #level(): Level<Executor> {
    return this.#transactions.current as Level<Executor>;
  }
}

const waited = <T>(work: Promise<T> | Steps<T>): Promise<T> => ('next' in work ? inTime(work) : work);
