import type { ScopeOutcome } from '../change/file-scope.ts';
import type { SqlExecutor } from '../journal/sql.ts';
import { type Anchor, type AnchoredTransaction, transactionLost } from './anchor.ts';
import { failureOf } from './attempt.ts';
import { ConnectionLevels } from './connection-levels.ts';
import type { Level } from './level.ts';
import { whileDeadlocked } from './own-attempts.ts';
import type { TransactionsOptions } from './transactions.ts';
import type { RowTransaction } from './write-rows.ts';

/** What a library does on its connections. `depth` is 1 for a transaction, 2 for a savepoint in it, and so on. */
export interface ConnectionDriver<Connection extends object, Options> {
  /** The one connection that all have, where there is no other. */
  shared(): Connection | undefined;
  open(): Connection;
  release(connection: Connection): Promise<void>;
  begin(connection: Connection, depth: number, options: Options | undefined): Promise<void>;
  /** Ends that level, and what is open in it: not only the innermost savepoint. */
  commit(connection: Connection, depth: number): Promise<void>;
  rollBack(connection: Connection, depth: number): Promise<void>;
  execute(connection: Connection): SqlExecutor;
  /** Where the database may end a transaction by itself. */
  anchor?(): Anchor<Connection> | undefined;
  /** With what the last statement failed; undefined where it did not. */
  lastFailure?(connection: Connection): unknown;
}

/**
 * Transactions and savepoints of a library that has one object for a connection and all that is open on it. They have a
 * callback as their work, or are begun and ended by hand.
 *
 * @typeParam Options how a transaction is begun: its isolation level.
 */
export class ConnectionTransactions<Connection extends object, Options> {
  readonly #driver: ConnectionDriver<Connection, Options>;
  readonly #levels: ConnectionLevels<Connection>;
  readonly #byHand = new WeakSet<Level<Connection>>();
  readonly #anchored = new WeakMap<Level<Connection>, AnchoredTransaction>();
  /** Files of transactions that were ended by hand. */
  readonly #ending = new Set<Promise<void>>();
  /** Settles when the transaction that has the shared connection has ended. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(driver: ConnectionDriver<Connection, Options>, options?: TransactionsOptions) {
    this.#driver = driver;
    this.#levels = new ConnectionLevels(options);
  }

  /** Whether all have one connection. */
  get isShared(): boolean {
    return this.#driver.shared() !== undefined;
  }

  /** What the calling work belongs to, which may have ended. */
  get current(): Level<Connection> | undefined {
    return this.of(this.#levels.transactions.current?.connection);
  }

  /** That, while it is open. */
  get open(): Level<Connection> | undefined {
    const { current } = this;
    return current && this.#levels.transactions.isOpen(current) ? current : undefined;
  }

  /** What a call on a connection belongs to, which may have ended. Default: on the shared one, if there is such. */
  of(connection: Connection | undefined): Level<Connection> | undefined {
    const on = connection ?? this.#driver.shared();
    return on && this.#levels.of(on, { shared: this.isShared });
  }

  /** Runs what takes no part in the transaction at hand, and may outlive it. */
  outside<T>(work: () => T): T {
    return this.#levels.transactions.outside(work);
  }

  /**
   * Runs work in a savepoint of the transaction that the connection is in, or in a transaction.
   *
   * @param given the connection; left out, it is a transaction on one of its own.
   */
  async run<T>(
    given: Connection | undefined,
    work: (connection: Connection) => Promise<T>,
    options?: Options,
  ): Promise<T> {
    const outer = this.of(given);
    const connection = given ?? this.#driver.open();
    let level: Level<Connection> | undefined;
    let outcome: ScopeOutcome = 'rolled-back';
    try {
      const begun = await this.#begin(connection, outer, { hasWork: true, options });
      level = begun;
      const result = await this.#levels.transactions.inside(begun, () => work(begun.executor));
      await this.#commit(begun);
      outcome = 'committed';
      return result;
    } catch (thrown) {
      if (!level) throw thrown;
      await level.close();
      const wentOn = this.#driver.lastFailure !== undefined && !this.#driver.lastFailure(connection);
      const { error, ...failure } = failureOf(thrown, await this.#isLost(level), wentOn);
      outcome = failure.outcome;
      await this.#rollBack(level).catch(() => {}); // the first error is the one to be seen
      throw error;
    } finally {
      if (!given) await this.#driver.release(connection); // before its files end, which may need a connection
      if (level) await this.#ended(level, outcome);
    }
  }

  /**
   * Whether a write of the library's own may be sent as it is, since no transaction has to do with it. On a shared
   * connection the library would put it into the one that somebody else has open.
   */
  isAlone(connection: Connection | undefined): boolean {
    return !this.isShared && !this.of(connection);
  }

  /** Runs statements that belong together in the transaction that the connection is in, or in one of their own. */
  async within<T>(
    given: Connection | undefined,
    statements: (transaction: RowTransaction<Connection>) => Promise<T>,
  ): Promise<T> {
    const level = this.of(given);
    if (!level)
      return whileDeadlocked(() => this.run(given, connection => this.within(connection, statements)));
    return this.#levels.transactions.during(level, executor =>
      statements({ executor, scope: level.scope, execute: this.#driver.execute(executor) }),
    );
  }

  /** Reads what is committed: where all share one connection, when no transaction is open on it. */
  async reading<T>(read: () => Promise<T>): Promise<T> {
    const leave = this.open ? () => {} : await this.#turnOfShared();
    try {
      return await read();
    } finally {
      leave();
    }
  }

  /** Before a statement is sent. @throws `transaction-ended` where the work that sends it has ended. */
  throwIfEnded(connection: Connection, statement: string): void {
    const level = this.#levels.transactions.on(connection);
    if (!level || this.#levels.transactions.isOpen(level)) return;
    // On a shared connection, who reads may be anybody.
    if (!this.isShared || !READS.test(statement)) level.throwIfEnded();
  }

  /** COMMIT has failed without a verdict. */
  async unknown(connection: Connection): Promise<void> {
    await outermost(this.#levels.top(connection))?.scope.end('unknown');
  }

  /** Waits for the files of transactions that were ended by hand. */
  async settled(): Promise<void> {
    await Promise.all(this.#ending);
  }

  async beginByHand(connection: Connection, options?: Options): Promise<void> {
    this.#byHand.add(await this.#begin(connection, this.of(connection), { hasWork: false, options }));
  }

  /** @returns whether there was something to end. @throws what keeps it from committing: roll back then. */
  async commitByHand(connection: Connection): Promise<boolean> {
    const level = this.#begunByHand(connection);
    if (!level) return false;
    await this.#commit(level);
    await this.#endedByHand(level, 'committed');
    return true;
  }

  /** @returns whether there was something to end. @throws `transaction-lost`, when it has ended. */
  async rollBackByHand(connection: Connection): Promise<boolean> {
    const level = this.#begunByHand(connection);
    if (!level) return false;
    const last = this.#driver.lastFailure?.(connection);
    const { outcome, error } = failureOf(last, await this.#isLost(level));
    await this.#rollBack(level);
    await this.#endedByHand(level, outcome);
    if (outcome === 'unknown') throw error ?? transactionLost();
    return true;
  }

  /** Rolls back all that was begun by hand, before the connection is given back. Never throws. */
  async abandon(connection: Connection): Promise<void> {
    const open = outermost(this.of(connection));
    if (!open || !this.#byHand.has(open)) return;
    const outcome = (await this.#isLost(open)) === false ? 'rolled-back' : 'unknown';
    await this.#rollBack(open).catch(() => {});
    await this.#endedByHand(open, outcome);
  }

  async #begin(
    connection: Connection,
    outer: Level<Connection> | undefined,
    { hasWork, options }: { readonly hasWork: boolean; readonly options: Options | undefined },
  ): Promise<Level<Connection>> {
    const leave = outer ? await this.#levels.beginning(outer) : await this.#turnOfShared();
    const level = this.#levels.began(connection, outer, leave, { hasWork });
    try {
      const begin = (): Promise<void> => this.#driver.begin(connection, depthOf(level), options);
      await level.during(() => sentIn(outer, begin));
      const anchored = outer ? undefined : await this.#driver.anchor?.()?.set(connection);
      if (anchored) this.#anchored.set(level, anchored);
      return level;
    } catch (error) {
      if (!outer) await this.#rollBack(level).catch(() => {});
      await this.#ended(level, 'rolled-back');
      throw error;
    }
  }

  async #commit(level: Level<Connection>): Promise<void> {
    await level.close();
    if (await this.#isLost(level)) throw transactionLost();
    level.scope.throwIfRefused();
    await sentIn(level.parent, () => this.#driver.commit(level.connection, depthOf(level)));
  }

  async #rollBack(level: Level<Connection>): Promise<void> {
    await level.close();
    try {
      await sentIn(level.parent, () => this.#driver.rollBack(level.connection, depthOf(level)));
    } catch (error) {
      if (level.parent?.isOpen) level.parent.breakOff(error);
      throw error;
    }
  }

  /** After its statements: whether the database has ended a transaction by itself. Undefined: the connection is lost. */
  async #isLost(level: Level<Connection>): Promise<boolean | undefined> {
    await level.close();
    const anchored = this.#anchored.get(level);
    const isLost = anchored ? await anchored.isLost() : false;
    if (isLost !== false) level.scope.doubt();
    return isLost;
  }

  async #ended(level: Level<Connection>, outcome: ScopeOutcome): Promise<void> {
    this.#levels.ended(level.connection, level);
    await level.scope.end(outcome);
  }

  /** Files of a transaction may need a connection, while who ends it has this one. */
  async #endedByHand(level: Level<Connection>, outcome: ScopeOutcome): Promise<void> {
    const ended = this.#ended(level, outcome).finally(() => this.#ending.delete(ended));
    this.#ending.add(ended);
    if (level.parent) await ended;
  }

  /** @throws `transaction-ended` where that went with an outer one. */
  #begunByHand(connection: Connection): Level<Connection> | undefined {
    const level = this.of(connection);
    if (level && this.#byHand.has(level)) return level;
    level?.throwIfEnded();
    return undefined;
  }

  /** Waits until nobody has the shared connection. @returns what is to be called when it is free again. */
  async #turnOfShared(): Promise<() => void> {
    if (!this.isShared) return () => {};
    const before = this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = promise;
    await before;
    return resolve;
  }
}

const READS = /^\s*(select|pragma|explain)\b/i;

/**
 * Sends what begins or ends a level. The outer one waits for that, and once it has ended nothing is sent: the connection
 * may be another request's by then.
 */
function sentIn<Connection>(
  outer: Level<Connection> | undefined,
  statement: () => Promise<void>,
): Promise<void> {
  return outer ? outer.send(statement) : statement();
}

function outermost<Connection>(level: Level<Connection> | undefined): Level<Connection> | undefined {
  return level?.parent ? outermost(level.parent) : level;
}

function depthOf<Connection>(level: Level<Connection>): number {
  return level.parent ? depthOf(level.parent) + 1 : 1;
}
