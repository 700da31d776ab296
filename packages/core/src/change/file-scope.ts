import { transactionEnded } from './transaction-ended.ts';

/** How a transaction ended. `'unknown'`: COMMIT failed without a verdict; nothing is touched then. */
export type ScopeOutcome = 'committed' | 'rolled-back' | 'unknown';

/** What waits for a transaction's end. Its methods report failures instead of throwing: the transaction has ended. */
export interface ScopedChange {
  /** Right after the COMMIT, before anything is waited for: the handle has nothing pending any more. */
  landed?(): void;
  committed(): Promise<void>;
  /** Rolled back, to a savepoint or altogether: shows in memory what was before. */
  restore(): void;
  /** After `restore`, when no transaction is open any more: takes back what was stored. */
  rolledBack(): Promise<void>;
  unknown(): Promise<void>;
  /** The database had ended the transaction by itself: its row may be written all the same, whatever comes next. */
  doubted?(): void;
  /** Rolled back, and the same work is tried again: what was stored before it is kept, what it stored is taken back. */
  retried(): Promise<void>;
}

/**
 * Files of one transaction, or of one savepoint level in it: a savepoint that is rolled back inside a transaction that
 * commits takes back its own files only.
 *
 * @example
 * ```ts
 * import { FileScope } from '@fieldfile/core/binding';
 *
 * const transaction = new FileScope();
 * const savepoint = transaction.savepoint();
 * await savepoint.end('committed'); // released: its changes wait for the outer end
 * transaction.throwIfRefused(); // right before COMMIT
 * await transaction.end('rolled-back'); // everything is undone
 * ```
 */
export class FileScope {
  readonly parent: FileScope | undefined;
  #changes: ScopedChange[] = [];
  #outcome: ScopeOutcome | undefined;
  #refusal: { readonly error: unknown } | undefined;

  constructor(parent?: FileScope) {
    this.parent = parent;
  }

  /** How it ended, once it has. */
  get outcome(): ScopeOutcome | undefined {
    return this.#outcome;
  }

  /** Whether files were changed in it, or in a savepoint of it that has ended. */
  get hasChanges(): boolean {
    return this.#changes.length > 0;
  }

  savepoint(): FileScope {
    return new FileScope(this);
  }

  /** @throws `transaction-ended`. */
  add(change: ScopedChange): void {
    if (this.#outcome) throw transactionEnded();
    this.#changes.push(change);
  }

  /** A row was written whose file is not to stay: whoever catches the error must not commit the row all the same. */
  refuseCommit(error: unknown): void {
    this.#refusal ??= { error };
  }

  /**
   * For who commits the transaction, or releases the savepoint, right before.
   *
   * @throws what made that impossible: roll back then.
   */
  throwIfRefused(): void {
    if (this.#refusal) throw this.#refusal.error;
  }

  /** Ends the scope. Never throws: what goes wrong now is reported to `onError`. Ending twice does nothing. */
  async end(outcome: ScopeOutcome): Promise<void> {
    if (this.#outcome) return;
    this.#outcome = outcome;
    const changes = this.#changes;
    this.#changes = [];
    const { parent } = this;
    if (outcome === 'rolled-back') {
      // In reverse: a file replaced twice must end as it began.
      changes.reverse();
      for (const change of changes) change.restore();
    }
    if (parent && !parent.#outcome) {
      // A savepoint's objects wait for the outer end: no storage is asked for anything while a transaction is open.
      for (const change of changes) parent.add(outcome === 'rolled-back' ? undoneLater(change) : change);
      return;
    }
    if (outcome === 'committed') for (const change of changes) change.landed?.();
    for (const change of changes) {
      if (outcome === 'committed') await change.committed();
      else if (outcome === 'rolled-back') await change.rolledBack();
      else await change.unknown();
    }
  }

  /** The database had ended the transaction by itself: where it rolls back now, rows may be written all the same. */
  doubt(): void {
    for (const change of this.#changes) change.doubted?.();
  }

  /** Rolled back, and the same transaction is about to be tried again: files that were uploaded before it are kept. */
  async retried(): Promise<void> {
    const changes = this.#changes.reverse();
    this.#changes = [];
    this.#refusal = undefined;
    for (const change of changes) await change.retried();
  }
}

/** Given up, whatever becomes of the rest of the transaction. */
export function undoneLater(change: ScopedChange): ScopedChange {
  const undo = (): Promise<void> => change.rolledBack();
  return {
    committed: undo,
    restore: () => {},
    rolledBack: undo,
    unknown: () => change.unknown(),
    doubted: () => change.doubted?.(),
    retried: undo,
  };
}

/** Made by the transaction's own work, which makes it again when it is tried again. */
export function madeWithin(change: ScopedChange): ScopedChange {
  return {
    committed: () => change.committed(),
    restore: () => change.restore(),
    rolledBack: () => change.rolledBack(),
    unknown: () => change.unknown(),
    doubted: () => change.doubted?.(),
    retried: () => {
      change.restore();
      return change.rolledBack();
    },
  };
}

/**
 * Its statement failed: undone however the transaction ends, and kept for when that is tried again. Where another statement
 * of the transaction has written it all the same, it has ended with that one.
 */
export function failedWithin(change: ScopedChange & { readonly isWritten: boolean }): ScopedChange {
  const undo = async (): Promise<void> => {
    if (change.isWritten) return;
    change.restore();
    await change.rolledBack();
  };
  return {
    committed: undo,
    restore: () => change.restore(),
    rolledBack: undo,
    unknown: undo,
    doubted: () => change.doubted?.(),
    retried: () => change.retried(),
  };
}
