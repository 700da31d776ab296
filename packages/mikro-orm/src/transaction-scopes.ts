import { FileScope, type ScopeOutcome } from '@fieldfile/core/binding';
import type { EntityManager, EventSubscriber, Transaction, TransactionEventArgs } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { sqlExecutor } from './sql-executor.ts';

interface Level {
  readonly scope: FileScope;
  readonly outer: Level | undefined;
  /** Files were changed in it, or in a savepoint of it. */
  joined: boolean;
  /** It does nothing but flush: what fails in it ends it. */
  flushOnly: boolean;
  committing: boolean;
}

/** The files of each transaction and savepoint. MikroORM has an object for each of them. */
export class TransactionScopes implements EventSubscriber {
  readonly #levels = new WeakMap<Transaction, Level>();
  readonly #outer = new WeakMap<EntityManager, Transaction>();

  isOpen(transaction: Transaction | undefined): transaction is Transaction {
    return this.#level(transaction) !== undefined;
  }

  /** For files that change in this transaction: undefined when it is none, or not open any more. */
  join(transaction: Transaction | undefined): FileScope | undefined {
    const level = this.#level(transaction);
    for (let joined = level; joined; joined = joined.outer) joined.joined = true;
    return level?.scope;
  }

  /** Says that a flush has begun this transaction for itself. */
  beganByFlush(transaction: Transaction | undefined): void {
    const level = this.#level(transaction);
    if (level) level.flushOnly = true;
  }

  beforeTransactionStart({ em, transaction: outer }: TransactionEventArgs): void {
    if (outer) this.#outer.set(em, outer);
    else this.#outer.delete(em);
  }

  afterTransactionStart({ em, transaction }: TransactionEventArgs): void {
    const outer = this.#level(this.#outer.get(em));
    const scope = outer?.scope.savepoint() ?? new FileScope();
    if (transaction)
      this.#levels.set(transaction, { scope, outer, joined: false, flushOnly: false, committing: false });
  }

  /**
   * Throws where files keep it from committing, or where a statement has failed before: PostgreSQL's COMMIT would be a
   * ROLLBACK, and nobody would tell.
   */
  async beforeTransactionCommit({ em, transaction }: TransactionEventArgs): Promise<void> {
    const level = this.#level(transaction);
    if (!level?.joined) return;
    level.scope.throwIfRefused();
    if (!level.flushOnly) await sqlExecutor(em as SqlEntityManager, transaction)('SELECT 1', []);
    level.committing = true;
  }

  /** After a COMMIT that failed: it was refused where the server still answers, and has no verdict where it does not. */
  async beforeTransactionRollback({ em, transaction }: TransactionEventArgs): Promise<void> {
    if (!this.#level(transaction)?.committing) return;
    const execute = sqlExecutor(em as SqlEntityManager, transaction);
    await execute('SELECT 1', []).catch(() => this.#end(transaction, 'unknown'));
  }

  afterTransactionCommit({ transaction }: TransactionEventArgs): Promise<void> {
    return this.#end(transaction, 'committed');
  }

  afterTransactionRollback({ transaction }: TransactionEventArgs): Promise<void> {
    return this.#end(transaction, 'rolled-back');
  }

  #level(transaction: Transaction | undefined): Level | undefined {
    return transaction && this.#levels.get(transaction);
  }

  async #end(transaction: Transaction | undefined, outcome: ScopeOutcome): Promise<void> {
    const level = this.#level(transaction);
    if (transaction) this.#levels.delete(transaction);
    await level?.scope.end(outcome);
  }
}
