import { inTurn, type LibraryTransactions } from '@fieldfile/core/binding';
import type { Transaction, TransactionOptions } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import type { Orm } from './attached-orm.ts';
import type { FlushFiles } from './flush-files.ts';

/**
 * Has the calls of the ORM's entity managers followed: no event tells of a flush or a savepoint that fails. Those that
 * were forked before are not concerned.
 */
export function extendEntityManagers(
  orm: Orm,
  transactions: LibraryTransactions<Transaction>,
  files: FlushFiles,
): void {
  class FilesEntityManager extends (orm.em.constructor as typeof SqlEntityManager) {
    tail?: Promise<void>;

    override transactional<T>(work: (em: this) => T | Promise<T>, options?: TransactionOptions): Promise<T> {
      return transactions.transactional(worked =>
        super.transactional(async em => {
          const result = await work(em);
          worked();
          return result;
        }, options),
      );
    }

    override begin(options?: Omit<TransactionOptions, 'ignoreNestedTransactions'>): Promise<void> {
      return transactions.begin(() => super.begin(options));
    }

    override async flush(): Promise<void> {
      const em = this.getContext(false);
      if (transactions.isFlushing(em)) return super.flush(); // which MikroORM refuses
      // MikroORM's own queue forgets who waits for a flush that fails.
      await inTurn(em, () => transactions.flush(em, () => files.follow(em, () => super.flush())));
    }
  }
  Object.setPrototypeOf(orm.em, FilesEntityManager.prototype);
}
