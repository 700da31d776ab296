import type { LibraryTransactions } from '@fieldfile/core/binding';
import type { EventSubscriber, Transaction, TransactionOptions } from '@mikro-orm/core';
import { AbstractSqlConnection, type SqlEntityManager } from '@mikro-orm/sql';
import type { Orm } from './attached-orm.ts';
import { dialectOf } from './entity-names.ts';

/**
 * Has the calls of the ORM's entity managers followed, since no event tells of a flush or a savepoint that fails, and since
 * MikroORM's own queue forgets who waits for a flush that fails. Those that were forked before are not concerned.
 */
export function extendEntityManagers(orm: Orm, transactions: LibraryTransactions<Transaction>): void {
  class FilesEntityManager extends (orm.em.constructor as typeof SqlEntityManager) {
    override transactional<T>(work: (em: this) => T | Promise<T>, options?: TransactionOptions): Promise<T> {
      return transactions.transactional(worked =>
        super.transactional(async em => worked(await work(em)), options),
      );
    }

    override begin(options?: Omit<TransactionOptions, 'ignoreNestedTransactions'>): Promise<void> {
      return transactions.begin(() => super.begin(options));
    }

    override rollback(): Promise<void> {
      return transactions.rollBack(this.getTransactionContext(), () => super.rollback());
    }

    override flush(): Promise<void> {
      return transactions.flush(this.getContext(false), () => super.flush());
    }
  }
  Object.setPrototypeOf(orm.em, FilesEntityManager.prototype);
}

/**
 * MySQL's connection releases a savepoint without an event, and hides that the transaction is gone: it gets the one of all
 * other databases.
 */
export function tellOfSavepoints({ em }: Orm): void {
  if (dialectOf(em) === 'mysql') em.getConnection('write').commit = AbstractSqlConnection.prototype.commit;
}

/** No event tells of statements that fail: whoever rolls back by hand may do so because of the last one. */
export function followStatements({ em }: Orm, transactions: LibraryTransactions<Transaction>): void {
  const connection = em.getConnection('write');
  const { execute } = connection;
  const followed: typeof execute = async (query, params, method, ctx, ...more) => {
    try {
      const result = await execute.call(connection, query, params, method, ctx, ...more);
      if (ctx) transactions.sent(ctx);
      return result as never;
    } catch (error) {
      if (ctx) transactions.sent(ctx, error);
      throw error;
    }
  };
  connection.execute = followed;
}

/** MikroORM has an object for each transaction and savepoint, and awaits its listeners. */
export const transactionEvents = (transactions: LibraryTransactions<Transaction>): EventSubscriber => ({
  beforeTransactionStart: ({ transaction }) => transactions.beginning(transaction), // what it is a savepoint of
  afterTransactionStart: ({ transaction }) => transactions.began(transaction),
  beforeTransactionCommit: ({ transaction }) => transactions.committing(transaction),
  beforeTransactionRollback: ({ transaction }) => transactions.rollingBack(transaction),
  afterTransactionCommit: ({ transaction }) => transactions.ended(transaction, 'committed'),
  afterTransactionRollback: ({ transaction }) => transactions.ended(transaction, 'rolled-back'),
});
