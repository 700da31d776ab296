import {
  type Anchor,
  askBeforeCommit,
  type ConnectionDriver,
  type ConnectionTransactions,
  LastFailures,
  savepointAnchor,
} from '@fieldfile/core/binding';
import type { DataSource, QueryRunner } from 'typeorm';
import { dialectOf, sqlExecutor } from './sql-executor.ts';

export type Isolation = Parameters<QueryRunner['startTransaction']>[0];
export type RunnerTransactions = ConnectionTransactions<QueryRunner, Isolation>;
type Own = Pick<QueryRunner, 'startTransaction' | 'commitTransaction' | 'rollbackTransaction' | 'release'>;

/**
 * What TypeORM does on query runners. Its own methods go by a count of what is open, and only release a savepoint where a
 * transaction ends before that: the count is set each time.
 */
export class RunnerDriver implements ConnectionDriver<QueryRunner, Isolation> {
  readonly execute: ConnectionDriver<QueryRunner, Isolation>['execute'] = sqlExecutor;
  /** Where a statement has failed that PostgreSQL may not have got over. */
  readonly failed: WeakSet<QueryRunner> = new WeakSet();
  readonly #lastFailures = new LastFailures<QueryRunner>();
  readonly #dataSource: DataSource;
  readonly #watched = new WeakSet<QueryRunner>();
  #isShared: boolean | undefined;

  constructor(dataSource: DataSource) {
    this.#dataSource = dataSource;
  }

  /** Sees what is begun and ended by hand on a query runner. */
  watch(runner: QueryRunner, transactions: RunnerTransactions): void {
    if (this.#watched.has(runner)) return;
    this.#watched.add(runner);
    const { commitTransaction, rollbackTransaction, release } = own(runner);
    Object.assign<QueryRunner, Own & AsyncDisposable>(runner, {
      startTransaction: isolation => transactions.beginByHand(runner, isolation),
      commitTransaction: async () =>
        (await transactions.commitByHand(runner)) ? undefined : commitTransaction.call(runner),
      rollbackTransaction: async () =>
        (await transactions.rollBackByHand(runner)) ? undefined : rollbackTransaction.call(runner),
      async release() {
        // TypeORM would give an open transaction to the next user of the connection.
        if (!transactions.isShared) await transactions.abandon(runner);
        await release.call(runner);
      },
      async [Symbol.asyncDispose]() {
        try {
          while (await transactions.commitByHand(runner));
        } finally {
          await transactions.abandon(runner);
          await release.call(runner);
        }
      },
    });
  }

  /** SQLite's drivers have one query runner for all. */
  shared(): QueryRunner | undefined {
    const { driver } = this.#dataSource;
    const runner = this.#isShared === false ? undefined : driver.createQueryRunner('master');
    this.#isShared ??= runner === driver.createQueryRunner('master');
    return this.#isShared ? runner : undefined;
  }

  /** MySQL and SQLite may end a transaction by themselves. */
  anchor(): Anchor<QueryRunner> | undefined {
    return savepointAnchor(dialectOf(this.#dataSource), sqlExecutor);
  }

  /** After each statement. */
  sent(runner: QueryRunner, failure: unknown): void {
    this.#lastFailures.sent(runner, failure);
    if (failure !== undefined) this.failed.add(runner);
  }

  lastFailure(runner: QueryRunner): unknown {
    return this.#lastFailures.of(runner);
  }

  open(): QueryRunner {
    return this.#dataSource.createQueryRunner();
  }

  release(runner: QueryRunner): Promise<void> {
    return own(runner).release.call(runner);
  }

  async begin(runner: QueryRunner, depth: number, isolation: Isolation): Promise<void> {
    if (depth === 1) {
      this.failed.delete(runner);
      this.#lastFailures.begun(runner);
    }
    setCount(runner, depth - 1);
    await own(runner).startTransaction.call(runner, isolation);
  }

  async commit(runner: QueryRunner, depth: number): Promise<void> {
    if (this.failed.delete(runner)) await askBeforeCommit(sqlExecutor(runner));
    setCount(runner, depth);
    await own(runner).commitTransaction.call(runner);
  }

  async rollBack(runner: QueryRunner, depth: number): Promise<void> {
    setCount(runner, depth);
    try {
      await own(runner).rollbackTransaction.call(runner);
    } catch (error) {
      if (depth > 1) throw error;
      await runner.query('ROLLBACK').catch(() => {}); // a listener may have kept it from being sent
      setCount(runner, 0);
      throw error;
    }
  }
}

/** TypeORM's own methods, under those that stand on a query runner here. */
const own = (runner: QueryRunner): Own => Object.getPrototypeOf(runner);

function setCount(runner: QueryRunner, depth: number): void {
  Object.assign(runner, { transactionDepth: depth, isTransactionActive: depth > 0 });
}
