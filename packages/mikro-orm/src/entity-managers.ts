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

/** MikroORM has an object for each transaction and savepoint, and awaits its listeners. */
export const transactionEvents = (transactions: LibraryTransactions<Transaction>): EventSubscriber => ({
  beforeTransactionStart: ({ transaction }) => transactions.beginning(transaction), // what it is a savepoint of
  afterTransactionStart: ({ transaction }) => transactions.began(transaction),
  beforeTransactionCommit: ({ transaction }) => transactions.committing(transaction),
  beforeTransactionRollback: ({ transaction }) => transactions.rollingBack(transaction),
  afterTransactionCommit: ({ transaction }) => transactions.ended(transaction, 'committed'),
  afterTransactionRollback: ({ transaction }) => transactions.ended(transaction, 'rolled-back'),
});
