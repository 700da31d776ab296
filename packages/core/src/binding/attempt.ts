import { isFieldFileError } from '@fieldfile/storage';
import type { FileScope, ScopeOutcome } from '../change/file-scope.ts';
import { type Anchor, type AnchoredTransaction, transactionLost } from './anchor.ts';
import { isRetryable, mayEndTransaction, wasRefused } from './refusals.ts';

/** How a transaction failed, and what its caller is to see. */
export interface Failure {
  readonly outcome: ScopeOutcome;
  readonly error: unknown;
}

/** One attempt of a transaction, and what is known of its end. */
export class Attempt<Executor> {
  readonly #anchor: Anchor<Executor> | undefined;
  readonly #scope: FileScope;
  /** What failed before COMMIT was sent; a library's own ROLLBACK may fail and hide it. */
  #first: Failure | undefined;
  #worked = false;
  #anchored: AnchoredTransaction | undefined;
  /** With this error the database ended it, in a savepoint. */
  #endedBy: unknown;
  /** Another savepoint was begun since. */
  #wentOn = false;

  constructor(anchor: Anchor<Executor> | undefined, scope: FileScope) {
    this.#anchor = anchor;
    this.#scope = scope;
  }

  /** Runs what comes between BEGIN, and COMMIT or ROLLBACK. @throws `transaction-lost`; why it must not commit. */
  async work<T>(executor: Executor, work: () => Promise<T>): Promise<T> {
    try {
      this.#anchored = await this.#anchor?.set(executor);
      const result = await work();
      // First: what a savepoint failed with that went with its transaction is a reason to refuse as well.
      if (await this.#anchored?.isLost()) throw transactionLost();
      this.#scope.throwIfRefused();
      this.#worked = true;
      return result;
    } catch (error) {
      const wentOn = await this.#wentOnAfter(error);
      const lost = this.#anchored ? await this.#anchored.isLost() : false;
      if (lost !== false) this.#scope.doubt();
      this.#first = failureOf(error, lost, wentOn);
      throw this.#first.error;
    }
  }

  /** A savepoint in it begins. What is sent in one after the end is committed at once, and its own end fails as that of the first. */
  savepointBegun(): void {
    this.#wentOn ||= this.#endedBy !== undefined;
  }

  /** A savepoint in it failed, and nothing was sent since. Never throws. */
  async failedWithin(error: unknown): Promise<void> {
    if (this.#endedBy !== undefined || !isRetryable(error)) return;
    if ((await this.#anchored?.lastFailure?.()) === 'ended') this.#endedBy = error;
  }

  /**
   * Whether anything may have been sent after the error by which the database ended the transaction: that is committed, and
   * must not be done again. An error with which nothing is tried again need not be proved.
   */
  async #wentOnAfter(error: unknown): Promise<boolean> {
    if (!this.#anchored || !isRetryable(error)) return false;
    const last = await this.#anchored.lastFailure?.();
    if (this.#endedBy === undefined) return last !== 'ended';
    return last === undefined || this.#wentOn || this.#endedBy !== error;
  }

  /** @param thrown what the library gave. */
  failed(thrown: unknown): Failure {
    if (this.#worked) return { outcome: wasRefused(thrown) ? 'rolled-back' : 'unknown', error: thrown };
    return this.#first ?? { outcome: 'rolled-back', error: thrown };
  }
}

/**
 * How a transaction ended that rolls back with this error.
 *
 * @param lost the database had ended it by itself. With the very error that came out of it: then nothing was sent since.
 * With another one the work went on. Undefined: it may have been so, before the connection was lost.
 * @param wentOn something was sent since, or may have been.
 */
export function failureOf(error: unknown, lost: boolean | undefined, wentOn = false): Failure {
  // What is told of a savepoint that went with its transaction has that error as its cause: it was caught before.
  const isThatError = !wentOn && mayEndTransaction(error) && !isFieldFileError(error, 'transaction-ended');
  if (lost === false || isThatError) return { outcome: 'rolled-back', error };
  if (lost === undefined) return { outcome: 'unknown', error };
  return {
    outcome: 'unknown',
    error: isFieldFileError(error, 'transaction-lost') ? error : transactionLost(error),
  };
}
