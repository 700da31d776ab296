import { AsyncLocalStorage } from 'node:async_hooks';
import type { FileScope, ScopeOutcome } from '../change/file-scope.ts';
import { inTurn } from '../change/operate.ts';
import type { SqlExecutor } from '../journal/sql.ts';
import { type Anchor, type AnchoredTransaction, transactionLost } from './anchor.ts';
import { askBeforeCommit } from './ask-before-commit.ts';
import { type Failure, failureOf } from './attempt.ts';
import { ConnectionLevels } from './connection-levels.ts';
import { Flush } from './flush.ts';
import { LastFailures } from './last-failures.ts';
import type { Level } from './level.ts';
import { whileDeadlocked } from './own-attempts.ts';
import type { Begin, Transactions, TransactionsOptions } from './transactions.ts';

export interface LibraryTransactionsOptions<Transaction> extends TransactionsOptions {
  /** The library's transaction that a caller belongs to. */
  readonly atHand: () => Transaction | undefined;
  /** Runs SQL in a transaction, or by itself. */
  readonly execute: (transaction?: Transaction) => SqlExecutor;
  /** Where the database may end a transaction by itself. */
  readonly anchor?: () => Anchor<Transaction> | undefined;
}

/** A call of the library in which it may begin a transaction. */
interface Call<Transaction> {
  /** Where it was made. */
  readonly within?: Level<Transaction> | undefined;
  /** What it takes no part in. */
  readonly apart?: Level<Transaction> | undefined;
  /** The flushed units of work that it is made in. */
  readonly flushing?: readonly object[] | undefined;
  /** It does nothing but flush: what fails in it ends it. */
  readonly isFlush?: boolean;
  /** Another call ends what it begins. */
  readonly isByHand?: boolean;
  /** The transaction that it has begun. */
  transaction?: Transaction;
  /** What that is a savepoint of, and what lets the next one begin. */
  outer?: Level<Transaction> | undefined;
  leave?: (() => void) | undefined;
}

interface Unit<Transaction extends object> {
  tail?: Promise<unknown> | undefined;
  flush?: Flush<Transaction> | undefined;
}

/**
 * Transactions of a library that begins and ends them itself, has an object for each of them and for each savepoint, and
 * tells of them by events. No event tells of what fails, so the library's calls are run by this, too.
 *
 * Events, in their order: `beginning`, `began`, then `committing` or `rollingBack` right before the statement, and `ended`.
 */
export class LibraryTransactions<Transaction extends object> {
  readonly #options: LibraryTransactionsOptions<Transaction>;
  readonly #levels: ConnectionLevels<Transaction>;
  /** Also of those that have ended. */
  readonly #known = new WeakMap<Transaction, Level<Transaction>>();
  readonly #committing = new WeakSet<Transaction>();
  readonly #anchored = new WeakMap<Transaction, AnchoredTransaction>();
  readonly #lastFailures = new LastFailures<Transaction>();
  /** What the last statement of a transaction had failed with before the database was asked for its end. */
  readonly #reasons = new WeakMap<Transaction, unknown>();
  readonly #calls = new AsyncLocalStorage<Call<Transaction>>();
  readonly #units = new WeakMap<object, Unit<Transaction>>();

  constructor(options: LibraryTransactionsOptions<Transaction>) {
    this.#options = options;
    this.#levels = new ConnectionLevels(options);
  }

  /** The scope of the caller's transaction, while that is open. */
  get scope(): FileScope | undefined {
    return this.#open?.scope;
  }

  /** The caller's transaction. @throws `transaction-ended`. */
  get executor(): Transaction | undefined {
    return this.#current?.executor;
  }

  /** What answers questions that need not be asked in the transaction at hand. */
  get reader(): SqlExecutor {
    return this.execute(this.#open?.connection);
  }

  execute(transaction?: Transaction): SqlExecutor {
    return this.#options.execute(transaction);
  }

  /** What statements of a transaction belong to: itself, or the savepoint in it that they are sent from, on its connection. */
  of(transaction: Transaction | undefined): Level<Transaction> | undefined {
    const own = this.#levelOf(transaction);
    const within = this.#calls.getStore()?.within;
    return own && within?.isOpen && isIn(within, own) ? within : own;
  }

  /** Runs statements that belong together, in the caller's transaction or in one that `begin` opens. @throws as `Transactions`. */
  during<T>(statements: (transaction: Transaction) => Promise<T>, begin: Begin<Transaction>): Promise<T> {
    const current = this.#current;
    return current
      ? this.#transactions.during(current, statements)
      : whileDeadlocked(() => begin(statements));
  }

  /** Runs an operation as part of the caller's transaction, also when that is ended meanwhile. For `Binding.joined`. */
  joined<T>(operation: () => Promise<T>): Promise<T> {
    const current = this.#current;
    const known = !current || current === this.#transactions.current;
    return known ? operation() : this.#transactions.inside(current, operation);
  }

  /** Runs what takes no part in the transaction at hand, and may outlive it. */
  outside<T>(work: () => T): T {
    return this.#calls.run({ apart: this.#current }, () => this.#transactions.outside(work));
  }

  /**
   * Runs a call that begins a transaction and ends it.
   *
   * @param run is given what its work's result goes through, before the library has something to flush: it throws where a
   * savepoint is open.
   */
  transactional<T>(run: (worked: (result: T) => T) => Promise<T>): Promise<T> {
    const call = this.#newCall();
    const worked = (result: T): T => {
      this.#levels.top(call.transaction)?.throwIfSavepointOpen();
      return result;
    };
    return this.#ending(call, () => run(worked));
  }

  /** Runs a call that begins a transaction, for another call to end. */
  begin<T>(run: () => Promise<T>): Promise<T> {
    return this.#beginning({ ...this.#newCall(), isByHand: true }, run);
  }

  /**
   * Runs a call that rolls back what another call has begun.
   *
   * @throws `transaction-lost`, when it has ended: the database had ended it before, and not by its last statement.
   */
  async rollBack<T>(transaction: Transaction | undefined, run: () => Promise<T>): Promise<T> {
    const result = await run();
    const { outcome, error } = await this.#endByHand(transaction);
    if (outcome === 'unknown') throw error ?? transactionLost();
    return result;
  }

  /** After each statement of a transaction, or of a savepoint in it. */
  sent(transaction: Transaction, failure?: unknown): void {
    this.#lastFailures.sent(transaction, failure);
    for (let outer = this.#levelOf(transaction)?.parent; outer; outer = outer.parent)
      this.#lastFailures.sent(outer.connection, failure);
  }

  /**
   * Runs a flush, in the transaction that is open or in one that it begins and ends. Those of one unit of work run one after
   * another.
   */
  async flush(unit: object, run: () => Promise<void>): Promise<void> {
    const { flushing = [], ...call } = this.#newCall();
    if (flushing.includes(unit)) return run(); // it waits for itself: the library's to refuse
    const state = this.#units.get(unit) ?? {};
    this.#units.set(unit, state);
    const flush = { ...call, flushing: [...flushing, unit], isFlush: true };
    await inTurn(state, () =>
      this.#ending(flush, () => this.#transactions.spanning(() => this.#flush(state, run))),
    );
  }

  /** That of a unit of work that runs. */
  flushOf(unit: object): Flush<Transaction> | undefined {
    return this.#units.get(unit)?.flush;
  }

  /** In a flush: its statements begin, and are a group in that level until the flush settles. @throws as `Transactions`. */
  beginGroup(level: Level<Transaction>): Promise<void> {
    return this.#transactions.beginGroup(level);
  }

  /** Before a savepoint begins: waits for its siblings. @param outer what it is a savepoint of. */
  async beginning(outer: Transaction | undefined): Promise<void> {
    const call = this.#calls.getStore();
    if (!call) return;
    call.outer = this.of(outer);
    call.leave = await this.#levels.beginning(call.outer);
  }

  /** @throws `transaction-ended` where its outer transaction has ended meanwhile. */
  async began(transaction: Transaction | undefined): Promise<void> {
    const call = this.#calls.getStore();
    if (!call || !transaction) return;
    const { outer, leave } = call;
    outer?.throwIfEnded();
    this.#known.set(transaction, this.#levels.began(transaction, outer, leave));
    Object.assign(call, { transaction, leave: undefined });
    const anchored = outer ? undefined : await this.#options.anchor?.()?.set(transaction);
    if (anchored) this.#anchored.set(transaction, anchored);
  }

  /**
   * Right before COMMIT or RELEASE; where files changed, `askBeforeCommit`.
   *
   * @throws what keeps it from committing: roll back then.
   */
  async committing(transaction: Transaction | undefined): Promise<void> {
    const level = this.#levels.top(transaction);
    if (!transaction || !level) return;
    level.throwIfEnded();
    await this.#levels.committing(transaction);
    level.parent?.throwIfEnded();
    if (await this.#isLost(transaction)) throw transactionLost();
    if (level.parent || !level.scope.hasChanges) return;
    const call = this.#calls.getStore();
    if (!call?.isFlush || call.transaction !== transaction) await askBeforeCommit(this.execute(transaction));
    this.#committing.add(transaction);
  }

  /**
   * Right before ROLLBACK, or ROLLBACK TO. A COMMIT that failed before was refused where the server still answers, and has
   * no verdict where it does not.
   *
   * @throws `transaction-ended` where its outer transaction has ended, whose connection may be another's by now.
   */
  async rollingBack(transaction: Transaction | undefined): Promise<void> {
    if (!transaction) return;
    await this.#levels.rollingBack(transaction);
    this.#levels.top(transaction)?.parent?.throwIfEnded();
    if ((await this.#isLost(transaction)) !== false) return;
    if (this.#committing.has(transaction))
      await askBeforeCommit(this.execute(transaction)).catch(() => this.ended(transaction, 'unknown'));
  }

  /** Where the database has ended it before, the call that began it knows with which error. */
  async ended(transaction: Transaction | undefined, outcome: ScopeOutcome): Promise<void> {
    const isLost = transaction !== undefined && (await this.#isLost(transaction));
    if (isLost === undefined) return this.#ended(transaction, 'unknown');
    if (!isLost) return this.#ended(transaction, outcome);
    const call = this.#calls.getStore();
    if (call?.transaction === transaction && !call?.isByHand) return;
    await this.#ended(transaction, (await this.#endByHand(transaction)).outcome);
  }

  /** How a rollback has ended what another call has begun. */
  async #endByHand(transaction: Transaction | undefined): Promise<Failure> {
    if (!transaction) return { outcome: 'rolled-back', error: undefined };
    const isLost = await this.#isLost(transaction);
    return failureOf(this.#reasons.get(transaction), isLost);
  }

  async #ended(transaction: Transaction | undefined, outcome: ScopeOutcome): Promise<void> {
    if (transaction) await this.#levels.ended(transaction)?.scope.end(outcome);
  }

  /** Of the caller; it may have ended. */
  get #current(): Level<Transaction> | undefined {
    const level = this.#transactions.current ?? this.#levelOf(this.#options.atHand());
    const { apart } = this.#calls.getStore() ?? {};
    return apart && level && isIn(apart, level) ? undefined : level;
  }

  get #open(): Level<Transaction> | undefined {
    const current = this.#current;
    return current && this.#transactions.isOpen(current) ? current : undefined;
  }

  get #transactions(): Transactions<Transaction> {
    return this.#levels.transactions;
  }

  #levelOf(transaction: Transaction | undefined): Level<Transaction> | undefined {
    return transaction && this.#known.get(transaction);
  }

  #newCall(): Call<Transaction> {
    const { apart, flushing } = this.#calls.getStore() ?? {};
    return { within: this.#current, apart, flushing };
  }

  async #isLost(transaction: Transaction): Promise<boolean | undefined> {
    const anchored = this.#anchored.get(transaction);
    if (!this.#reasons.has(transaction)) this.#reasons.set(transaction, this.#lastFailures.of(transaction));
    const isLost = anchored ? await anchored.isLost() : false;
    if (isLost !== false) this.#levels.top(transaction)?.scope.doubt();
    return isLost;
  }

  async #flush(state: Unit<Transaction>, run: () => Promise<void>): Promise<void> {
    const flush = new Flush<Transaction>(this);
    state.flush = flush;
    try {
      await run();
    } catch (error) {
      await flush.failed(error);
      throw error;
    } finally {
      state.flush = undefined;
    }
  }

  async #ending<T>(call: Call<Transaction>, run: () => Promise<T>): Promise<T> {
    try {
      return await this.#beginning(call, run);
    } catch (error) {
      // Not ended yet: the database had ended it, or the ROLLBACK failed. A savepoint is gone with its transaction then.
      const level = this.#levels.top(call.transaction);
      if (level?.parent?.isOpen) level.parent.breakOff(error);
      const isLost = call.transaction !== undefined && (await this.#isLost(call.transaction));
      const wentOn = call.transaction !== undefined && !this.#reasons.get(call.transaction);
      const failure = failureOf(error, isLost, wentOn);
      await this.#ended(call.transaction, failure.outcome);
      throw failure.error;
    }
  }

  /** A savepoint that could not begin lets the next one. */
  async #beginning<T>(call: Call<Transaction>, run: () => Promise<T>): Promise<T> {
    try {
      return await this.#calls.run(call, run);
    } finally {
      call.leave?.();
    }
  }
}

/** Whether a level is another one, or a savepoint somewhere in it. */
function isIn<Transaction>(level: Level<Transaction>, outer: Level<Transaction>): boolean {
  for (let at: Level<Transaction> | undefined = level; at; at = at.parent) if (at === outer) return true;
  return false;
}
