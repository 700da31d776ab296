import { FieldFileError } from '@fieldfile/storage';
import type { FileScope } from '../change/file-scope.ts';
import { transactionEnded } from '../change/transaction-ended.ts';
import { Lane } from './lane.ts';

/**
 * One attempt of a transaction, or one savepoint in it, while it runs. Its statements pass through a lane: a group of
 * them that belongs together, or a savepoint with all that it does, comes after another and never between.
 *
 * @typeParam Executor what runs statements in it: the library's transaction object.
 */
export class Level<Executor> {
  readonly parent: Level<Executor> | undefined;
  readonly scope: FileScope;
  readonly #executor: Executor;
  readonly #lane: Lane;
  /** What is sent at present: settles when it is done. */
  #sent: Promise<unknown> | undefined;
  #child: Level<Executor> | undefined;
  #closed = false;
  #broken: FieldFileError | undefined;

  constructor(executor: Executor, options: LevelOptions<Executor>) {
    this.#executor = executor;
    this.parent = options.parent;
    this.scope = options.scope;
    this.#lane = new Lane(options.waitMs);
  }

  get isOpen(): boolean {
    return !this.#closed;
  }

  /** @throws `transaction-ended`. */
  get executor(): Executor {
    this.throwIfEnded();
    return this.#executor;
  }

  /** The executor, also once it has ended: to be compared. */
  get connection(): Executor {
    return this.#executor;
  }

  /** @throws `transaction-ended`: before a statement reaches the database. */
  throwIfEnded(): void {
    if (this.#closed) throw transactionEnded();
    for (let level: Level<Executor> | undefined = this; level; level = level.parent)
      if (level.#broken) throw level.#broken;
  }

  /**
   * A savepoint in it could not be rolled back, as one that went with its transaction: nothing more is to be written in this
   * level, which must not commit.
   */
  breakOff(cause: unknown): FieldFileError {
    this.#broken ??= savepointStays(cause);
    this.scope.refuseCommit(cause);
    return this.#broken;
  }

  /** Runs statements that belong together. @throws `transaction-ended`; `timeout` where a savepoint waits for this. */
  async during<T>(group: (executor: Executor) => Promise<T>): Promise<T> {
    await this.enter();
    try {
      return await this.send(group);
    } finally {
      this.#lane.leave();
    }
  }

  /**
   * Runs statements of who has the lane: a group of them, or what begins and ends a savepoint. `close` waits for them.
   * @throws `transaction-ended`.
   */
  async send<T>(statements: (executor: Executor) => Promise<T>): Promise<T> {
    this.throwIfEnded();
    const around = this.#sent; // a savepoint within a group
    try {
      const sent = statements(this.#executor);
      this.#sent = around ?? sent;
      return await sent;
    } finally {
      this.#sent = around;
    }
  }

  /** Waits until no other work of this level is under way, then has the lane until `leave`. */
  async enter(): Promise<void> {
    this.throwIfEnded();
    await this.#lane.enter();
  }

  leave(): void {
    this.#lane.leave();
  }

  /** The savepoint that has begun within this level. */
  begun(child: Level<Executor>): void {
    this.#child = child;
  }

  /** For who has something left to write before the COMMIT. @throws `transaction-ended`: that savepoint was not awaited. */
  throwIfSavepointOpen(): void {
    if (this.#child) throw savepointOpen();
  }

  /** That savepoint has ended, or could not begin. */
  over(child: Level<Executor>): void {
    if (this.#child === child) this.#child = undefined;
  }

  /**
   * Right before the COMMIT, ROLLBACK, RELEASE or ROLLBACK TO: nothing begins any more, and statements under way are
   * waited for. A savepoint that is still open goes with this level, which must not commit then. Never throws.
   */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#lane.close(transactionEnded);
    await this.#sent?.catch(() => {});
    const child = this.#child;
    if (!child) return;
    this.scope.refuseCommit(savepointOpen());
    await child.close();
    await child.scope.end('rolled-back');
  }
}

export interface LevelOptions<Executor> {
  readonly parent: Level<Executor> | undefined;
  readonly scope: FileScope;
  /** How long a group or savepoint waits for the one before it. */
  readonly waitMs: number;
}

const savepointOpen = (): FieldFileError =>
  new FieldFileError(
    'transaction-ended',
    'A transaction within this one was still running when this one was to commit, so both were rolled back: await it.',
    { operation: 'transaction', applied: false },
  );

const savepointStays = (cause: unknown): FieldFileError =>
  new FieldFileError(
    'transaction-ended',
    'A savepoint of this transaction could not be rolled back, so nothing more is written in it: roll it back, too.',
    { operation: 'transaction', applied: false, cause },
  );
