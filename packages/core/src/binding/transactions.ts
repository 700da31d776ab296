import { AsyncLocalStorage } from 'node:async_hooks';
import { FileScope } from '../change/file-scope.ts';

/** The transaction or savepoint that runs now. */
export interface CurrentTransaction<Executor> {
  /** What runs statements in it. */
  readonly executor: Executor;
  readonly scope: FileScope;
}

export interface TransactionOptions {
  /**
   * How often the work is tried where the database asks for that (SQLSTATE 40001 and 40P01, a busy SQLite). Files that
   * were uploaded before are stored once. Default: 1.
   */
  readonly attempts?: number;
}

/**
 * The transactions of one database: what runs now, and how it ended for the files changed in it.
 *
 * @typeParam Executor what runs statements: the library's transaction object.
 */
export class Transactions<Executor> {
  readonly #current = new AsyncLocalStorage<CurrentTransaction<Executor> | undefined>();

  /** Undefined outside transactions. */
  get current(): CurrentTransaction<Executor> | undefined {
    return this.#current.getStore();
  }

  /** Runs what takes no part in the transaction at hand. */
  outside<T>(work: () => T): T {
    return this.#current.run(undefined, work);
  }

  /**
   * Runs work in a transaction, or inside one in a savepoint, and ends its files as it ended.
   *
   * @param begin opens the transaction or savepoint, runs what it is given, and commits or rolls back.
   */
  async run<T>(
    begin: (work: (executor: Executor) => Promise<T>) => Promise<T>,
    work: (executor: Executor) => Promise<T>,
    { attempts = 1 }: TransactionOptions = {},
  ): Promise<T> {
    const outer = this.current?.scope;
    const scope = outer?.savepoint() ?? new FileScope();
    for (let attempt = 1; ; attempt++) {
      let worked = false;
      try {
        const result = await begin(async executor => {
          const result = await this.#current.run({ executor, scope }, () => work(executor));
          scope.throwIfRefused();
          worked = true;
          return result;
        });
        await scope.end('committed');
        return result;
      } catch (error) {
        const code = refusal(error);
        // A savepoint that could not be released goes with its transaction.
        const rolledBack = !worked || outer !== undefined || code !== undefined;
        if (rolledBack && !outer && attempt < attempts && RETRYABLE.test(code ?? '')) {
          await scope.rewind();
          continue;
        }
        await scope.end(rolledBack ? 'rolled-back' : 'unknown');
        throw error;
      }
    }
  }
}

/** Whether a COMMIT that failed with this was a rollback. Else it has no verdict. */
export const wasRefused = (error: unknown): boolean => refusal(error) !== undefined;

/**
 * A COMMIT that fails with these was a rollback: constraints (class 23), a statement that failed before (25P02), conflicts
 * (class 40, but for 40003: "completion unknown"), a busy SQLite.
 */
const REFUSED = /^(23...|25P02|40(?!003)...|SQLITE_CONSTRAINT.*|SQLITE_BUSY.*)$/;
const RETRYABLE = /^(40001|40P01|SQLITE_BUSY.*)$/;

/** What the driver said, which libraries wrap, where that is a refusal. */
function refusal(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code, errcode } = cause as { readonly code?: unknown; readonly errcode?: unknown };
    // node:sqlite gives SQLite's own number.
    const name = typeof errcode === 'number' ? SQLITE_CODES.get(errcode & 0xff) : code;
    if (typeof name === 'string' && REFUSED.test(name)) return name;
  }
  return undefined;
}

const SQLITE_CODES: ReadonlyMap<number, string> = new Map([
  [5, 'SQLITE_BUSY'],
  [19, 'SQLITE_CONSTRAINT'],
]);
