import { FieldFileError, isFieldFileError } from '@fieldfile/core';
import {
  type AnchoredOptions,
  askBeforeCommit,
  type Begin,
  type Level,
  Transactions,
} from '@fieldfile/core/binding';
import type { Knex } from 'knex';
import { sqlExecutor } from './driver.ts';

/** How a transaction is begun. */
export interface BeginOptions extends Knex.TransactionConfig {
  readonly attempts?: number;
  /** Whether nobody but who calls `commit` hears that it has failed. */
  readonly byHand?: boolean;
}

type Work = (trx: Knex.Transaction) => unknown;

/** Where a database, or a transaction, has what `transaction`, `savepoint` and `transactionProvider` call. */
interface Context {
  transaction(work?: Work | object | null, options?: BeginOptions): PromiseLike<unknown>;
}

const contextOf = (on: Knex): Context => (on as unknown as { readonly context: Context }).context;
const ownOf = (on: Knex): Context['transaction'] => contextOf(on).transaction.bind(contextOf(on));

const followed = new WeakMap<Knex, KnexTransactions>();
/** By hand, without an error: that of the last statement, where it was the last, is its cause. */
class RolledBack extends Error {}

/** Transactions and savepoints of one database, whoever begins and ends them: files follow them all. */
export class KnexTransactions extends Transactions<Knex> {
  readonly #levels = new WeakMap<Knex, Level<Knex>>();
  /** `transaction` as Knex has it. */
  readonly #own = new WeakMap<Knex, Context['transaction']>();

  /** Those of a database are the same for all who ask: the options of the first one hold. */
  static of(db: Knex, options: AnchoredOptions<Knex>): KnexTransactions {
    return followed.get(db) ?? new KnexTransactions(options);
  }

  /** From now on, what the database begins by itself is seen. */
  followAll(db: Knex): void {
    if (followed.has(db)) return;
    followed.set(db, this);
    this.#follow(db);
  }

  /** Runs work as part of a transaction that was begun by hand. */
  join<T>(trx: Knex.Transaction, work: () => T): T {
    const level = this.#levels.get(trx);
    if (level) return this.inside(level, work);
    throw new FieldFileError(
      'invalid-argument',
      'This transaction is not known: it was begun before KnexFiles was made, or by another database object. Make ' +
        'KnexFiles first, and begin it with the database that KnexFiles was given.',
      { operation: 'transacting' },
    );
  }

  /** Runs work in a transaction of a database, or in a savepoint of a transaction. The work may end it by hand. */
  perform(on: Knex, work: Work, options: BeginOptions = {}): Promise<unknown> {
    const outer = this.#levels.get(on);
    const { attempts = 1, byHand, ...config } = options;
    const perform = (): Promise<unknown> =>
      this.run(
        this.begin(on, config),
        trx => this.#work(trx as Knex.Transaction, work, config, byHand ? over : settled, settled),
        { attempts, outer },
      );
    const over = (outer ? perform() : this.outside(perform)).catch(error => {
      if (!(error instanceof RolledBack)) throw error;
    });
    const settled = over.catch(error => {
      if (isFieldFileError(error, 'transaction-lost')) throw error;
    });
    settled.catch(() => {}); // for who awaits it
    return over;
  }

  /** Opens a transaction of a database, or a savepoint of a transaction. */
  begin(on: Knex, config: Knex.TransactionConfig = {}): Begin<Knex> {
    return async <T>(work: (trx: Knex) => Promise<T>): Promise<T> => {
      const outer = this.#levels.get(on);
      let failure: { readonly error: unknown } | undefined;
      const run = async (trx: Knex.Transaction): Promise<unknown> => {
        if (trx.isCompleted()) return undefined; // BEGIN has failed, and Knex calls the work all the same
        try {
          const result = await work(trx);
          if (!outer && this.#levels.get(trx)?.scope.hasChanges) await askBeforeCommit(sqlExecutor(trx));
          return result;
        } catch (error) {
          failure = { error };
          throw error;
        }
      };
      const own = this.#own.get(on) ?? ownOf(on);
      const result = await Promise.resolve(own(run, config)).catch(error => {
        if (!failure) outer?.throwIfEnded();
        // A savepoint that cannot be rolled back is gone with its transaction.
        else if (error !== failure.error && outer?.isOpen) outer.breakOff(error);
        failure ??= { error };
      });
      if (failure) throw failure.error; // of a rollback that was given no error, Knex makes a success
      return result as T;
    };
  }

  #follow(on: Knex): void {
    const context = contextOf(on);
    this.#own.set(on, ownOf(on));
    context.transaction = (work, options) =>
      typeof work === 'function'
        ? this.perform(on, work as Work, options)
        : this.#byHand(on, work ?? options);
  }

  #byHand(on: Knex, options?: BeginOptions): Promise<Knex.Transaction> {
    const { promise, resolve, reject } = Promise.withResolvers<Knex.Transaction>();
    this.perform(on, resolve, { ...options, byHand: true }).catch(reject);
    return promise;
  }

  /** Runs until the work is done, or has called `commit` or `rollback`. Then these are Knex's, which calls them. */
  async #work(
    trx: Knex.Transaction,
    work: Work,
    { doNotRejectOnRollback = true }: Knex.TransactionConfig,
    committed: Promise<unknown>,
    rolledBack: Promise<unknown>,
  ): Promise<unknown> {
    this.#levels.set(trx, this.current as Level<Knex>);
    this.#follow(trx);
    const end = Promise.withResolvers<unknown>();
    const own = { commit: trx.commit, rollback: trx.rollback };
    const commit = (value?: unknown): Promise<unknown> => {
      end.resolve(value);
      return committed;
    };
    const rollback = (error?: unknown): Promise<unknown> => {
      if (error === undefined && doNotRejectOnRollback) {
        own.rollback = () => rollBack();
        end.reject(new RolledBack('', { cause: lastFailure }));
      } else
        end.reject(error === undefined ? new Error('Transaction rejected with non-error: undefined') : error);
      return rolledBack;
    };
    const rollBack = trx.rollback;
    let lastFailure: unknown;
    trx.on('query', () => {
      lastFailure = undefined;
    });
    trx.on('query-error', error => {
      lastFailure = error;
    });
    Object.assign(trx, { commit, rollback });
    try {
      const done = work(trx);
      const isPromise = typeof (done as PromiseLike<unknown> | undefined)?.then === 'function';
      return await (isPromise ? Promise.race([done, end.promise]) : end.promise);
    } finally {
      Object.assign(trx, own);
    }
  }
}
