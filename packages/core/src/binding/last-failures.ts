import { isDeadlock } from './refusals.ts';

interface Sent {
  failure: unknown;
  metDeadlock: boolean;
  wentOn: boolean;
}

/**
 * With what the last statement of each transaction failed, as whoever sees all its statements tells. With a deadlock MySQL and
 * MariaDB end a transaction: once another statement has succeeded, nothing that fails later is how it ended.
 *
 * @example
 * ```ts
 * import { LastFailures } from '@fieldfile/core/binding';
 *
 * const failures = new LastFailures();
 * const transaction = {};
 * failures.sent(transaction, new Error('no such table'));
 * failures.of(transaction); // Error: no such table
 * ```
 */
export class LastFailures<Transaction extends object = object> {
  readonly #sent = new WeakMap<Transaction, Sent>();

  /** A transaction begins, perhaps on a connection that had others. */
  begun(transaction: Transaction): void {
    this.#sent.delete(transaction);
  }

  /** After each statement. @param failure what it failed with. */
  sent(transaction: Transaction, failure: unknown): void {
    const { metDeadlock = false, wentOn = false } = this.#sent.get(transaction) ?? {};
    this.#sent.set(transaction, {
      failure,
      metDeadlock: metDeadlock || isDeadlock(failure),
      wentOn: wentOn || (metDeadlock && failure === undefined),
    });
  }

  /** Undefined where it did not fail, or something succeeded after a deadlock. */
  of(transaction: Transaction): unknown {
    const { failure, wentOn = false } = this.#sent.get(transaction) ?? {};
    return wentOn ? undefined : failure;
  }
}
