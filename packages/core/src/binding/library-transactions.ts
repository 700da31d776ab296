import { AsyncLocalStorage } from 'node:async_hooks';
import type { ScopeOutcome } from '../change/file-scope.ts';
import { ConnectionLevels } from './connection-levels.ts';
import type { Level } from './level.ts';
import type { Begin, Transactions, TransactionsOptions } from './transactions.ts';

/** A call of the library in which it may begin a transaction. */
interface Call<Transaction> {
  /** Where it was made. */
  readonly within?: Level<Transaction> | undefined;
  /** What it takes no part in. */
  readonly apart?: Level<Transaction> | undefined;
  /** The units of work that it is made in: the innermost comes last. */
  readonly flushing?: readonly object[] | undefined;
  /** The transaction that it has begun. */
  transaction?: Transaction;
  /** What that is a savepoint of, and what lets the next one begin. */
  outer?: Level<Transaction> | undefined;
  leave?: (() => void) | undefined;
}

/**
 * Transactions of a library that begins and ends them itself, has an object for each of them and for each savepoint, and
 * tells of them by events. No event tells of what fails, so the library's calls are run by this, too.
 *
 * Events, in their order: `beginning`, `began`, then `committing` or `rollingBack` right before the statement, and `ended`.
 */
export class LibraryTransactions<Transaction extends object> {
  readonly #levels: ConnectionLevels<Transaction>;
  readonly #atHand: () => Transaction | undefined;
  /** Also of those that have ended. */
  readonly #known = new WeakMap<Transaction, Level<Transaction>>();
  readonly #calls = new AsyncLocalStorage<Call<Transaction>>();

  /** @param atHand the library's transaction that a caller belongs to. */
  constructor(atHand: () => Transaction | undefined, options?: TransactionsOptions) {
    this.#atHand = atHand;
    this.#levels = new ConnectionLevels(options);
  }

  /** The level of the caller, which may have ended. */
  get current(): Level<Transaction> | undefined {
    const level = this.#transactions.current ?? this.#levelOf(this.#atHand());
    const { apart } = this.#calls.getStore() ?? {};
    return apart && level && isIn(apart, level) ? undefined : level;
  }

  /** That of the caller while it is open: for what may as well be asked outside. */
  get open(): Level<Transaction> | undefined {
    const { current } = this;
    return current?.isOpen ? current : undefined;
  }

  /** What statements of a transaction belong to: itself, or the savepoint in it that they are sent from, on its connection. */
  of(transaction: Transaction | undefined): Level<Transaction> | undefined {
    const own = this.#levelOf(transaction);
    const within = this.#calls.getStore()?.within;
    return own && within?.isOpen && isIn(within, own) ? within : own;
  }

  /** Runs statements that belong together, in the caller's transaction or in one that `begin` opens. @throws as `Transactions`. */
  during<T>(statements: (transaction: Transaction) => Promise<T>, begin: Begin<Transaction>): Promise<T> {
    const { current } = this;
    return current ? this.#transactions.during(current, statements) : begin(statements);
  }

  /** Runs an operation as part of the caller's transaction, also when that is ended meanwhile. For `Binding.joined`. */
  joined<T>(operation: () => Promise<T>): Promise<T> {
    const { current } = this;
    const known = !current || current === this.#transactions.current;
    return known ? operation() : this.#transactions.inside(current, operation);
  }

  /** Runs what takes no part in the transaction at hand, and may outlive it. */
  outside<T>(work: () => T): T {
    return this.#calls.run({ apart: this.current }, () => this.#transactions.outside(work));
  }

  /**
   * Runs a call that begins a transaction and ends it.
   * @param run is given what to call when the work is done and the ORM is to flush: it throws where a savepoint is open.
   */
  transactional<T>(run: (worked: () => void) => Promise<T>): Promise<T> {
    const call = this.#newCall();
    return this.#ending(call, () => run(() => this.#levels.top(call.transaction)?.throwIfSavepointOpen()));
  }

  /** Runs a flush of a unit of work, in the transaction that is open or in one that it begins and ends. */
  flush<T>(unit: object, run: () => Promise<T>): Promise<T> {
    const { flushing = [], ...call } = this.#newCall();
    return this.#ending({ ...call, flushing: [...flushing, unit] }, () => this.#transactions.spanning(run));
  }

  /** In a flush: its statements begin, and are a group in that level until the flush settles. @throws as `Transactions`. */
  beginGroup(level: Level<Transaction>): Promise<void> {
    return this.#transactions.beginGroup(level);
  }

  /** Whether this is called in a flush of that unit of work. */
  isFlushing(unit: object): boolean {
    return this.#calls.getStore()?.flushing?.includes(unit) ?? false;
  }

  /** Runs a call that begins a transaction, for others to end. */
  async begin<T>(run: () => Promise<T>, call: Call<Transaction> = this.#newCall()): Promise<T> {
    try {
      return await this.#calls.run(call, run);
    } finally {
      call.leave?.(); // it could not begin
    }
  }

  /** Before a savepoint begins: waits for its siblings. @param outer what it is a savepoint of. */
  async beginning(outer: Transaction | undefined): Promise<void> {
    const call = this.#calls.getStore();
    if (!call) return;
    call.outer = this.of(outer);
    call.leave = await this.#levels.beginning(call.outer);
  }

  /** @throws `transaction-ended` where its outer transaction has ended meanwhile. */
  began(transaction: Transaction): void {
    const call = this.#calls.getStore();
    if (!call) return;
    const { outer, leave } = call;
    outer?.throwIfEnded();
    this.#known.set(transaction, this.#levels.began(transaction, outer, leave));
    Object.assign(call, { transaction, leave: undefined });
  }

  /**
   * Right before COMMIT or RELEASE.
   *
   * @returns whether the database may have refused a statement of this transaction whose files changed, and its COMMIT be
   * a ROLLBACK without a word: ask it something.
   * @throws what keeps it from committing: roll back then.
   */
  async committing(transaction: Transaction): Promise<boolean> {
    const level = this.#levels.top(transaction);
    if (!level) return false;
    level.throwIfEnded();
    await this.#levels.committing(transaction);
    level.parent?.throwIfEnded();
    return !level.parent && level.scope.hasChanges;
  }

  /**
   * Right before ROLLBACK, or ROLLBACK TO.
   * @throws `transaction-ended` where its outer transaction has ended, whose connection may be another's by now.
   */
  async rollingBack(transaction: Transaction): Promise<void> {
    await this.#levels.rollingBack(transaction);
    this.#levels.top(transaction)?.parent?.throwIfEnded();
  }

  async ended(transaction: Transaction | undefined, outcome: ScopeOutcome): Promise<void> {
    if (transaction) await this.#levels.ended(transaction)?.scope.end(outcome);
  }

  async #ending<T>(call: Call<Transaction>, run: () => Promise<T>): Promise<T> {
    try {
      return await this.begin(run, call);
    } catch (error) {
      // Not ended yet: the ROLLBACK failed. The rows of a savepoint are in its transaction still.
      const level = this.#levels.top(call.transaction);
      if (level?.parent?.isOpen) level.parent.scope.refuseCommit(error);
      await this.ended(call.transaction, 'rolled-back');
      throw error;
    }
  }

  #newCall(): Call<Transaction> {
    const { apart, flushing } = this.#calls.getStore() ?? {};
    return { within: this.current, apart, flushing };
  }

  get #transactions(): Transactions<Transaction> {
    return this.#levels.transactions;
  }

  #levelOf(transaction: Transaction | undefined): Level<Transaction> | undefined {
    return transaction && this.#known.get(transaction);
  }
}

/** Whether a level is another one, or a savepoint somewhere in it. */
function isIn<Transaction>(level: Level<Transaction>, outer: Level<Transaction>): boolean {
  for (let at: Level<Transaction> | undefined = level; at; at = at.parent) if (at === outer) return true;
  return false;
}
