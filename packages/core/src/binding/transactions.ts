import { AsyncLocalStorage } from 'node:async_hooks';
import { FileScope } from '../change/file-scope.ts';
import type { Anchor } from './anchor.ts';
import { Attempt } from './attempt.ts';
import { Level, type LevelOptions } from './level.ts';
import { OWN_ATTEMPTS, pauseAfter } from './own-attempts.ts';
import { isDeadlock, isRetryable } from './refusals.ts';

export interface TransactionOptions {
  /**
   * How often the work is tried when the database asks for another attempt (SQLSTATE 40001 and 40P01, a busy SQLite).
   * Files that were uploaded before are stored once. Default: 1.
   */
  readonly attempts?: number;
}

export interface TransactionsOptions {
  /** How long a save or savepoint waits for an earlier savepoint on the same connection. Default: 30. */
  readonly siblingWaitSeconds?: number | undefined;
}

export interface AnchoredOptions<Executor> extends TransactionsOptions {
  /** Where the database may end a transaction by itself. */
  readonly anchor?: Anchor<Executor> | undefined;
}

/** Opens a transaction or savepoint, runs what it is given, and commits, or rolls back when that throws. */
export type Begin<Executor> = <T>(work: (executor: Executor) => Promise<T>) => Promise<T>;

interface Context<Executor> {
  level?: Level<Executor> | undefined;
  /** The group of statements that this is called in. */
  group?: Group<Executor> | undefined;
  /** Ends the group that was begun in the midst of this call. */
  endGroup?: () => void;
  /** What this one was begun in: another transaction, perhaps on another connection. */
  readonly around: Context<Executor> | undefined;
}

interface Group<Executor> {
  readonly level: Level<Executor>;
  readonly executor: Executor;
  running: boolean;
}

/**
 * The transactions of one database: what runs now, and how it ended for the files changed in it. Nothing of a
 * transaction runs after its end, and savepoints that are siblings run one after another.
 *
 * @typeParam Executor what runs statements: the library's transaction object.
 */
export class Transactions<Executor> {
  readonly #context = new AsyncLocalStorage<Context<Executor> | undefined>();
  readonly #waitMs: number;
  readonly #anchor: Anchor<Executor> | undefined;
  /** By the outermost level. */
  readonly #attempts = new WeakMap<Level<Executor>, Attempt<Executor>>();

  constructor({ siblingWaitSeconds = 30, anchor }: AnchoredOptions<Executor> = {}) {
    this.#waitMs = siblingWaitSeconds * 1000;
    this.#anchor = anchor;
  }

  /** The transaction or savepoint that the caller belongs to, which may have ended. Undefined outside transactions. */
  get current(): Level<Executor> | undefined {
    return this.#context.getStore()?.level;
  }

  /** That of the caller while it is open, or its end waits for the caller's group: for what may as well be asked outside. */
  get open(): Level<Executor> | undefined {
    const { current } = this;
    return current && this.isOpen(current) ? current : undefined;
  }

  /** Whether the caller belongs to a transaction with such an executor, which may have ended. */
  isIn(test: (executor: Executor) => boolean): boolean {
    const { current } = this;
    return current !== undefined && test(current.connection);
  }

  /** Whether a level is open for the caller: also when it is about to end, and waits for the caller's group. */
  isOpen(level: Level<Executor>): boolean {
    return level.isOpen || this.#groupOf(level) !== undefined;
  }

  /** The innermost one around the caller whose statements run there; it may have ended. */
  on(executor: Executor): Level<Executor> | undefined {
    for (let context = this.#context.getStore(); context; context = context.around)
      if (context.level?.connection === executor) return context.level;
    return undefined;
  }

  /** Runs what takes no part in the transaction at hand, and may outlive it. */
  outside<T>(work: () => T): T {
    return this.#context.run(undefined, work);
  }

  /** Runs work as part of a level. */
  inside<T>(level: Level<Executor>, work: () => T): T {
    return this.#context.run({ level, around: this.#around }, work);
  }

  /**
   * Runs statements of a level that belong together, with nothing of a sibling between them.
   * @throws `transaction-ended`; `timeout` where a savepoint does not end.
   */
  during<T>(level: Level<Executor>, statements: (executor: Executor) => Promise<T>): Promise<T> {
    const around = this.#groupOf(level);
    if (around) return statements(around.executor);
    return level.during(async executor => {
      const group = { level, executor, running: true };
      try {
        return await this.#context.run({ level, group, around: this.#around }, () => statements(executor));
      } finally {
        group.running = false;
      }
    });
  }

  /** Runs a call in whose midst statements begin that belong together, until it settles: `beginGroup` says when. */
  async spanning<T>(call: () => Promise<T>): Promise<T> {
    const { level, group, around } = this.#context.getStore() ?? {};
    const context: Context<Executor> = { level, group, around };
    try {
      return await this.#context.run(context, call);
    } finally {
      context.endGroup?.();
    }
  }

  /** In a call of `spanning`: from here on it has its turn in the level. @throws as `during`. */
  beginGroup(level: Level<Executor>): Promise<void> {
    const context = this.#context.getStore();
    if (!context || this.#groupOf(level)) return Promise.resolve();
    const turn = Promise.withResolvers<void>();
    const over = Promise.withResolvers<void>();
    const group = level.during(executor => {
      const group = { level, executor, running: true };
      const endGroup = (): void => {
        group.running = false;
        over.resolve();
      };
      Object.assign(context, { level, group, endGroup });
      turn.resolve();
      return over.promise;
    });
    group.catch(turn.reject);
    return turn.promise;
  }

  /**
   * Runs work in a transaction, or within `outer` in a savepoint, and ends its files as it ended.
   *
   * @param begin opens the transaction or savepoint, runs what it is given, and commits or rolls back.
   * @param options `outer`: the level this is a savepoint of. Default: the caller's.
   * @throws `transaction-ended` where that has ended.
   */
  async run<T>(
    begin: Begin<Executor>,
    work: (executor: Executor) => Promise<T>,
    options: TransactionOptions & {
      readonly outer?: Level<Executor> | undefined;
      /** Nothing but the library's own statements, which may be sent again. Default: false. */
      readonly isOwn?: boolean;
    } = {},
  ): Promise<T> {
    const { attempts = 1, outer = this.current, isOwn = false } = options;
    if (outer) return this.#savepoint(outer, begin, work);
    return this.#transaction(begin, work, isOwn ? OWN_ATTEMPTS : attempts, isOwn);
  }

  /**
   * Waits until a savepoint can begin within `outer`, with nothing else of that under way.
   *
   * @returns what is to be called when the savepoint has ended.
   * @throws `transaction-ended`; `timeout` where its sibling does not end.
   */
  async turnIn(outer: Level<Executor>): Promise<() => void> {
    if (this.#groupOf(outer)) return () => {};
    await outer.enter();
    return () => outer.leave();
  }

  /** A level that has begun: for `ConnectionLevels`. */
  level(executor: Executor, parent?: Level<Executor>): Level<Executor> {
    return new Level(executor, this.#optionsOf(parent, parent?.scope.savepoint() ?? new FileScope()));
  }

  async #transaction<T>(
    begin: Begin<Executor>,
    work: (executor: Executor) => Promise<T>,
    attempts: number,
    isOwn: boolean,
  ): Promise<T> {
    const scope = new FileScope();
    for (let attempt = 1; ; attempt++) {
      const run = new Attempt(isOwn ? undefined : this.#anchor, scope);
      try {
        const result = await begin(executor => {
          const level = new Level(executor, this.#optionsOf(undefined, scope));
          this.#attempts.set(level, run);
          return run.work(executor, () => this.#work(level, work));
        });
        await scope.end('committed');
        return result;
      } catch (thrown) {
        const { outcome, error } = run.failed(thrown);
        const asksAgain = isOwn ? isDeadlock(error) : isRetryable(error);
        if (outcome === 'rolled-back' && asksAgain && attempt < attempts) {
          await scope.retried();
          if (isOwn) await pauseAfter(attempt);
          continue;
        }
        await scope.end(outcome);
        throw error;
      }
    }
  }

  /** A savepoint that could not be released goes with its transaction. */
  async #savepoint<T>(
    outer: Level<Executor>,
    begin: Begin<Executor>,
    work: (executor: Executor) => Promise<T>,
  ): Promise<T> {
    const leave = await this.turnIn(outer);
    const scope = outer.scope.savepoint();
    let level: Level<Executor> | undefined;
    try {
      outer.throwIfEnded(); // closed since it was this one's turn
      const result = await begin(async executor => {
        outer.throwIfEnded();
        level = new Level(executor, this.#optionsOf(outer, scope));
        outer.begun(level);
        this.#attempts.get(outermost(outer))?.savepointBegun();
        try {
          const result = await this.#work(level, work);
          scope.throwIfRefused();
          return result;
        } catch (error) {
          await this.#attempts.get(outermost(outer))?.failedWithin(error);
          throw error;
        }
      });
      await scope.end('committed');
      return result;
    } catch (error) {
      await scope.end('rolled-back');
      throw error;
    } finally {
      if (level) outer.over(level);
      leave();
    }
  }

  /** The first error is the one that the caller sees: what of the level comes later cannot write any more. */
  async #work<T>(level: Level<Executor>, work: (executor: Executor) => Promise<T>): Promise<T> {
    try {
      return await this.inside(level, () => work(level.executor));
    } finally {
      await level.close();
    }
  }

  /** The group of that level that the caller is in, while it runs. */
  #groupOf(level: Level<Executor>): Group<Executor> | undefined {
    for (let context = this.#context.getStore(); context; context = context.around)
      if (context.group?.running && context.group.level === level) return context.group;
    return undefined;
  }

  /** The caller's context, unless its transaction has ended: work that begins transactions for ever must not keep them all. */
  get #around(): Context<Executor> | undefined {
    let context = this.#context.getStore();
    while (context && !(context.level && outermost(context.level).isOpen)) context = context.around;
    return context;
  }

  #optionsOf(parent: Level<Executor> | undefined, scope: FileScope): LevelOptions<Executor> {
    return { parent, scope, waitMs: this.#waitMs };
  }
}

function outermost<Executor>(level: Level<Executor>): Level<Executor> {
  return level.parent ? outermost(level.parent) : level;
}
