import type { LibraryTransactions } from '@fieldfile/core/binding';
import type { EventSubscriber, Transaction, TransactionEventArgs } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { executorOf } from './sql-executor.ts';

/** MikroORM has an object for each transaction and savepoint, and waits for who hears of them. */
export class TransactionEvents implements EventSubscriber {
  readonly #transactions: LibraryTransactions<Transaction>;
  readonly #committing = new WeakSet<Transaction>();

  constructor(transactions: LibraryTransactions<Transaction>) {
    this.#transactions = transactions;
  }

  /** Is told what it will be a savepoint of. */
  beforeTransactionStart({ transaction }: TransactionEventArgs): Promise<void> {
    return this.#transactions.beginning(transaction);
  }

  afterTransactionStart({ transaction }: TransactionEventArgs): void {
    if (transaction) this.#transactions.began(transaction);
  }

  /** Throws where a statement has failed before: PostgreSQL's COMMIT would be a ROLLBACK, and nobody would tell. */
  async beforeTransactionCommit({ em, transaction }: TransactionEventArgs): Promise<void> {
    if (!transaction || !(await this.#transactions.committing(transaction))) return;
    // What fails in a flush ends the transaction that it has begun.
    if (!this.#transactions.isFlushing(em)) await ask(em, transaction);
    this.#committing.add(transaction);
  }

  /** After a COMMIT that failed: it was refused where the server still answers, and has no verdict where it does not. */
  async beforeTransactionRollback({ em, transaction }: TransactionEventArgs): Promise<void> {
    if (!transaction) return;
    await this.#transactions.rollingBack(transaction);
    if (this.#committing.has(transaction))
      await ask(em, transaction).catch(() => this.#transactions.ended(transaction, 'unknown'));
  }

  afterTransactionCommit({ transaction }: TransactionEventArgs): Promise<void> {
    return this.#transactions.ended(transaction, 'committed');
  }

  afterTransactionRollback({ transaction }: TransactionEventArgs): Promise<void> {
    return this.#transactions.ended(transaction, 'rolled-back');
  }
}

async function ask(em: TransactionEventArgs['em'], transaction: Transaction): Promise<void> {
  await executorOf(em as SqlEntityManager, transaction)('SELECT 1', []);
}
