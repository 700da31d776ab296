import { transactionEnded } from '../change/transaction-ended.ts';
import type { Level } from './level.ts';
import { Transactions, type TransactionsOptions } from './transactions.ts';

interface Begun<Connection> {
  readonly level: Level<Connection>;
  /** Lets the next sibling begin. */
  readonly leave: () => void;
  readonly hasWork: boolean;
}

export interface BeganOptions {
  /**
   * Whether its work runs by `transactions.inside`, which tells of each call what it belongs to. Else it is all that is
   * called on the connection until it ends. Default: false.
   */
  readonly hasWork?: boolean;
}

/**
 * Transactions and savepoints of a library that tells of them by events, on the connection that these are about: one
 * stack a connection. (A library with an object for each savepoint has stacks of one, and names the outer level itself.)
 *
 * The order of calls: `beginning`, `began`, then `committing` or `rollingBack` right before the statement, and `ended`.
 */
export class ConnectionLevels<Connection extends object> {
  readonly transactions: Transactions<Connection>;
  readonly #stacks = new WeakMap<Connection, Begun<Connection>[]>();

  constructor(options?: TransactionsOptions) {
    this.transactions = new Transactions(options);
  }

  /** The innermost level that has begun on a connection. */
  top(connection: Connection | undefined): Level<Connection> | undefined {
    return connection && this.#stacks.get(connection)?.at(-1)?.level;
  }

  /**
   * What a call on a connection belongs to, which may have ended. This is the level whose work the caller is in, else the
   * outermost one; and within that what has begun without work of its own.
   *
   * @param shared whether everybody has this connection: who is outside the work of a transaction is no part of it then.
   */
  of(
    connection: Connection,
    { shared = false }: { readonly shared?: boolean } = {},
  ): Level<Connection> | undefined {
    const stack = this.#stacks.get(connection) ?? [];
    const around = this.transactions.on(connection);
    if (!around && shared && stack[0]?.hasWork) return undefined;
    let index = around ? stack.findIndex(({ level }) => level === around) : 0;
    if (index < 0) return around;
    while (stack[index + 1]?.hasWork === false) index++;
    return stack[index]?.level;
  }

  /**
   * Before a savepoint begins within `outer`: waits for its siblings.
   *
   * @returns what `began` takes, and what is to be called where it cannot begin.
   */
  async beginning(outer: Level<Connection> | undefined): Promise<() => void> {
    if (!outer) return () => {};
    const leave = await this.transactions.turnIn(outer);
    if (outer.isOpen) return leave;
    leave(); // closed since it was this one's turn
    throw transactionEnded();
  }

  /** @throws `transaction-ended` where `outer` has ended since it was this one's turn. */
  began(
    connection: Connection,
    outer?: Level<Connection>,
    leave: () => void = () => {},
    { hasWork = false }: BeganOptions = {},
  ): Level<Connection> {
    if (outer?.isOpen === false) leave();
    outer?.throwIfEnded();
    const level = this.transactions.level(connection, outer);
    outer?.begun(level);
    const stack = this.#stacks.get(connection) ?? [];
    this.#stacks.set(connection, stack);
    stack.push({ level, leave, hasWork });
    return level;
  }

  /** Right before COMMIT or RELEASE. @throws what keeps it from committing: roll back then. */
  async committing(connection: Connection): Promise<void> {
    const level = this.top(connection);
    await level?.close();
    level?.scope.throwIfRefused();
  }

  /** Right before ROLLBACK, or ROLLBACK TO. */
  async rollingBack(connection: Connection): Promise<void> {
    await this.top(connection)?.close();
  }

  /**
   * A level has ended, and with it what is still open in it. Default: the innermost.
   *
   * @returns the level, whose scope is to be ended now.
   */
  ended(
    connection: Connection,
    level: Level<Connection> | undefined = this.top(connection),
  ): Level<Connection> | undefined {
    const stack = this.#stacks.get(connection) ?? [];
    const index = stack.findIndex(begun => begun.level === level);
    if (index < 0) return undefined;
    for (const begun of stack.splice(index).reverse()) {
      begun.level.parent?.over(begun.level);
      begun.leave();
    }
    return level;
  }
}
