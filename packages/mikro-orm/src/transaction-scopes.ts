import { FileScope, type ScopeOutcome } from '@fieldfile/core';
import type { EntityManager, EventSubscriber, Transaction, TransactionEventArgs } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { sqlExecutor } from './sql-executor.ts';

/** The files of each transaction and savepoint. MikroORM has an object for each of them. */
export class TransactionScopes implements EventSubscriber {
  readonly #scopes = new WeakMap<Transaction, FileScope>();
  readonly #outer = new WeakMap<EntityManager, Transaction>();
  readonly #committing = new WeakSet<Transaction>();

  /** Of the transaction while it is open. */
  of(transaction: Transaction | undefined): FileScope | undefined {
    return transaction && this.#scopes.get(transaction);
  }

  beforeTransactionStart({ em, transaction: outer }: TransactionEventArgs): void {
    if (outer) this.#outer.set(em, outer);
    else this.#outer.delete(em);
  }

  afterTransactionStart({ em, transaction }: TransactionEventArgs): void {
    const outer = this.of(this.#outer.get(em));
    if (transaction) this.#scopes.set(transaction, outer?.savepoint() ?? new FileScope());
  }

  beforeTransactionCommit({ transaction }: TransactionEventArgs): void {
    if (transaction) this.#committing.add(transaction);
  }

  /** After a COMMIT that failed: it was refused where the server still answers, and has no verdict where it does not. */
  async beforeTransactionRollback({ em, transaction }: TransactionEventArgs): Promise<void> {
    if (!transaction || !this.#committing.has(transaction)) return;
    const execute = sqlExecutor(em as SqlEntityManager, transaction);
    await execute('SELECT 1', []).catch(() => this.#end(transaction, 'unknown'));
  }

  afterTransactionCommit({ transaction }: TransactionEventArgs): Promise<void> {
    return this.#end(transaction, 'committed');
  }

  afterTransactionRollback({ transaction }: TransactionEventArgs): Promise<void> {
    return this.#end(transaction, 'rolled-back');
  }

  async #end(transaction: Transaction | undefined, outcome: ScopeOutcome): Promise<void> {
    const scope = this.of(transaction);
    if (transaction) this.#scopes.delete(transaction);
    await scope?.end(outcome);
  }
}
