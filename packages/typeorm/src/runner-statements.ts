import type { QueryRunner } from 'typeorm';

export type Isolation = Parameters<QueryRunner['startTransaction']>[0];
type Own = Pick<QueryRunner, 'startTransaction' | 'commitTransaction' | 'rollbackTransaction'>;

/**
 * BEGIN, SAVEPOINT and what ends them on a query runner, by TypeORM's own methods. These go by a count of what is open,
 * and would only release a savepoint where a transaction ends before it: here the depth is given.
 */
export class RunnerStatements {
  readonly #own = new WeakMap<QueryRunner, Own>();
  /** Where a statement has failed that PostgreSQL may not have got over. */
  readonly #failed = new WeakSet<QueryRunner>();

  /** Puts others in the place of a query runner's methods, once. */
  replace(runner: QueryRunner, others: (own: Own) => Partial<QueryRunner>): void {
    if (this.#own.has(runner)) return;
    const own: Own = {
      startTransaction: runner.startTransaction.bind(runner),
      commitTransaction: runner.commitTransaction.bind(runner),
      rollbackTransaction: runner.rollbackTransaction.bind(runner),
    };
    this.#own.set(runner, own);
    Object.assign(runner, others(own));
  }

  /** A statement has failed. */
  failed(runner: QueryRunner): void {
    this.#failed.add(runner);
  }

  /** @param depth how many are open before. */
  async start(runner: QueryRunner, depth: number, isolation?: Isolation): Promise<void> {
    if (depth === 0) this.#failed.delete(runner);
    Object.assign(runner, { transactionDepth: depth });
    try {
      await this.#ownOf(runner).startTransaction(isolation);
    } catch (error) {
      // Where a listener refuses a savepoint, TypeORM takes the transaction for ended.
      if (depth > 0) Object.assign(runner, { isTransactionActive: true, transactionDepth: depth });
      throw error;
    }
  }

  /** @param depth how many are open before, the one that is ended included. */
  async commit(runner: QueryRunner, depth: number): Promise<void> {
    // After a statement that failed, PostgreSQL answers COMMIT with a ROLLBACK and no error.
    if (this.#failed.delete(runner)) await runner.query('SELECT 1');
    Object.assign(runner, { isTransactionActive: true, transactionDepth: depth });
    await this.#ownOf(runner).commitTransaction();
  }

  /** @param depth how many are open before, the one that is ended included. */
  async rollBack(runner: QueryRunner, depth: number): Promise<void> {
    Object.assign(runner, { isTransactionActive: true, transactionDepth: depth });
    try {
      await this.#ownOf(runner).rollbackTransaction();
    } catch (error) {
      if (depth > 1) throw error;
      // A listener may have kept the statement from being sent.
      await runner.query('ROLLBACK').catch(() => {});
      Object.assign(runner, { isTransactionActive: false, transactionDepth: 0 });
      throw error;
    }
  }

  #ownOf(runner: QueryRunner): Own {
    return this.#own.get(runner) ?? runner;
  }
}
