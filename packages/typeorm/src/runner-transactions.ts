import {
  ConnectionLevels,
  type Level,
  type RowTransaction,
  type ScopeOutcome,
  wasRefused,
} from '@fieldfile/core/binding';
import type { SqlExecutor } from '@fieldfile/core/journal';
import type { DataSource, EntityManager, EntitySubscriberInterface, QueryRunner } from 'typeorm';
import { type Isolation, RunnerStatements } from './runner-statements.ts';
import { sqlExecutor } from './sql-executor.ts';

interface Beginning {
  readonly outer: Level<QueryRunner> | undefined;
  readonly isolation?: Isolation;
  /** Whether a callback is its work; else it was begun by hand. */
  readonly hasWork: boolean;
}

/** The transactions and savepoints of a data source, each on its query runner: with a callback, or begun by hand. */
export class RunnerTransactions {
  readonly #dataSource: DataSource;
  readonly #levels: ConnectionLevels<QueryRunner>;
  readonly #statements = new RunnerStatements();
  readonly #byHand = new WeakSet<Level<QueryRunner>>();
  /** Settles when the transaction that has the only connection has ended. */
  #turn: Promise<unknown> = Promise.resolve();
  #shares: boolean | undefined;

  constructor(dataSource: DataSource, siblingWaitSeconds: number | undefined) {
    this.#dataSource = dataSource;
    this.#levels = new ConnectionLevels({ siblingWaitSeconds });
  }

  /** SQLite's drivers have one query runner for all. */
  get sharesConnection(): boolean {
    if (this.#shares === undefined) {
      const { driver } = this.#dataSource;
      const runner = driver.createQueryRunner('master');
      this.#shares = runner === driver.createQueryRunner('master');
    }
    return this.#shares;
  }

  /** What the calling work belongs to, which may have ended. */
  get current(): Level<QueryRunner> | undefined {
    return this.of(this.#levels.transactions.current?.connection);
  }

  /** That, while it is open. */
  get open(): Level<QueryRunner> | undefined {
    const { current } = this;
    return current && this.#levels.transactions.isOpen(current) ? current : undefined;
  }

  /** What a call on a query runner belongs to, which may have ended. Without one: on that which all share. */
  of(runner: QueryRunner | undefined): Level<QueryRunner> | undefined {
    const shared = this.sharesConnection;
    const on = runner ?? (shared ? this.#dataSource.driver.createQueryRunner('master') : undefined);
    return on && this.#levels.of(on, { shared });
  }

  /** Runs what takes no part in the transaction at hand. */
  outside<T>(work: () => T): T {
    return this.#levels.transactions.outside(work);
  }

  /** As `manager.transaction`: a savepoint in the transaction that the manager is in, or a transaction. */
  async transaction<T>(
    manager: EntityManager,
    work: (inner: EntityManager) => Promise<T>,
    isolation?: Isolation,
  ): Promise<T> {
    const outer = this.of(manager.queryRunner);
    const runner = manager.queryRunner ?? this.#dataSource.createQueryRunner();
    let level: Level<QueryRunner> | undefined;
    let outcome: ScopeOutcome = 'rolled-back';
    try {
      level = await this.#begin(runner, { outer, isolation, hasWork: true });
      const result = await this.#levels.transactions.inside(level, () => work(runner.manager));
      await this.#commit(level);
      outcome = 'committed';
      return result;
    } catch (error) {
      if (level) await this.#rollBack(level).catch(() => {}); // the first error is the one to be seen
      throw error;
    } finally {
      if (!manager.queryRunner) await runner.release(); // before its files end, which may need a connection
      if (level) await this.#ended(level, outcome);
    }
  }

  /**
   * Runs statements that belong together in the transaction at hand, or in one of their own.
   *
   * @param manager says which that is; left out, the calling work does.
   */
  async within<T>(
    manager: EntityManager | undefined,
    work: (transaction: RowTransaction<EntityManager>) => Promise<T>,
  ): Promise<T> {
    const level = manager ? this.of(manager.queryRunner) : this.current;
    if (!level)
      return this.transaction(manager ?? this.#dataSource.manager, inner => this.within(inner, work));
    return this.#levels.transactions.during(level, runner => {
      const executor = manager?.queryRunner ? manager : runner.manager;
      return work({ executor, scope: level.scope, execute: sqlExecutor(runner) });
    });
  }

  /**
   * Runs a write of TypeORM's own: in its turn in the transaction at hand, or by itself. Where all share one connection
   * that is a transaction, since TypeORM would put it into the one that another request has open.
   */
  async statement<T>(manager: EntityManager, write: (on: EntityManager) => Promise<T>): Promise<T> {
    const level = this.of(manager.queryRunner);
    if (level) return this.#levels.transactions.during(level, () => write(manager));
    return this.sharesConnection ? this.transaction(manager, write) : write(manager);
  }

  /** Reads what is committed, on a connection of its own or in its turn. */
  readonly read: SqlExecutor = async (text, parameters) => {
    const leave = this.sharesConnection && this.open ? undefined : await this.#turnOfConnection();
    try {
      return await sqlExecutor(this.#dataSource)(text, parameters);
    } finally {
      leave?.();
    }
  };

  /** Sees what is begun and ended by hand on a query runner. */
  watch(runner: QueryRunner): void {
    const release = runner.release.bind(runner);
    this.#statements.replace(runner, own => ({
      startTransaction: async isolation => {
        await this.#begin(runner, { outer: this.of(runner), isolation, hasWork: false });
      },
      commitTransaction: async () => {
        let level = this.#begunByHand(runner);
        if (!level) return own.commitTransaction();
        // `await using` has put this down to 1, to commit all that is open.
        const all = Reflect.get(runner, 'transactionDepth') === 1;
        for (; level; level = all ? level.parent : undefined) {
          await this.#commit(level);
          await this.#endedByHand(level, 'committed');
        }
      },
      rollbackTransaction: async () => {
        const level = this.#begunByHand(runner);
        if (!level) return own.rollbackTransaction();
        await this.#rollBack(level);
        await this.#endedByHand(level, 'rolled-back');
      },
      release: async () => {
        const open = this.sharesConnection ? undefined : outermost(this.of(runner));
        if (open && this.#byHand.has(open)) {
          // TypeORM would give the open transaction to who gets the connection next.
          await this.#rollBack(open).catch(() => {});
          await this.#endedByHand(open, 'rolled-back');
        }
        await release();
      },
    }));
  }

  readonly subscriber: EntitySubscriberInterface = {
    beforeQuery: ({ queryRunner, query }) => {
      const level = this.#levels.transactions.on(queryRunner);
      if (!level || this.#levels.transactions.isOpen(level)) return;
      // On a connection that all share, who reads may be anybody.
      if (!this.sharesConnection || !READS.test(query)) level.throwIfEnded();
    },
    afterQuery: async ({ queryRunner, query, success, error }) => {
      if (success) return;
      this.#statements.failed(queryRunner);
      const level = outermost(this.#levels.top(queryRunner));
      if (query === 'COMMIT' && !wasRefused(error)) await level?.scope.end('unknown');
    },
  };

  async #begin(runner: QueryRunner, { outer, isolation, hasWork }: Beginning): Promise<Level<QueryRunner>> {
    const leave = outer ? await this.#levels.beginning(outer) : await this.#turnOfConnection();
    const level = this.#levels.began(runner, outer, leave, { hasWork });
    if (!hasWork) this.#byHand.add(level);
    try {
      await level.during(() => this.#statements.start(runner, depthOf(outer), isolation));
      level.throwIfEnded();
      return level;
    } catch (error) {
      if (!outer) await this.#rollBack(level).catch(() => {});
      await this.#ended(level, 'rolled-back');
      throw error;
    }
  }

  async #commit(level: Level<QueryRunner>): Promise<void> {
    await level.close();
    level.parent?.throwIfEnded();
    level.scope.throwIfRefused();
    await level.ending(() => this.#statements.commit(level.connection, depthOf(level)));
  }

  /** Sends nothing where the outer one has ended: the connection may be another request's. */
  async #rollBack(level: Level<QueryRunner>): Promise<void> {
    await level.close();
    if (level.parent?.isOpen === false) return;
    try {
      await level.ending(() => this.#statements.rollBack(level.connection, depthOf(level)));
    } catch (error) {
      level.parent?.scope.refuseCommit(error);
      throw error;
    }
  }

  async #ended(level: Level<QueryRunner>, outcome: ScopeOutcome): Promise<void> {
    this.#levels.ended(level.connection, level);
    await level.scope.end(outcome);
  }

  /** Files of a transaction may need a connection while the caller still has this one. */
  async #endedByHand(level: Level<QueryRunner>, outcome: ScopeOutcome): Promise<void> {
    const ended = this.#ended(level, outcome);
    if (level.parent) await ended;
  }

  /** What is to be ended by hand. @throws `transaction-ended` where that went with an outer one. */
  #begunByHand(runner: QueryRunner): Level<QueryRunner> | undefined {
    const level = this.of(runner);
    if (level && this.#byHand.has(level)) return level;
    level?.throwIfEnded();
    return undefined;
  }

  /** Waits until nobody has the only connection. @returns what is to be called when it is free again. */
  async #turnOfConnection(): Promise<() => void> {
    if (!this.sharesConnection) return () => {};
    const before = this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = promise;
    await before;
    return resolve;
  }
}

const READS = /^\s*(select|pragma|explain)\b/i;

function outermost(level: Level<QueryRunner> | undefined): Level<QueryRunner> | undefined {
  return level?.parent ? outermost(level.parent) : level;
}

/** How many are open on its query runner, itself included. */
function depthOf(level: Level<QueryRunner> | undefined): number {
  return level ? depthOf(level.parent) + 1 : 0;
}
