/** How a transaction ended. `'unknown'`: COMMIT failed without a verdict; nothing is touched then. */
export type ScopeOutcome = 'committed' | 'rolled-back' | 'unknown';

/** What waits for a transaction's end. Its methods report failures instead of throwing: the transaction has ended. */
export interface ScopedChange {
  committed(): Promise<void>;
  rolledBack(): Promise<void>;
  unknown(): Promise<void>;
}

/**
 * Files of one transaction, or of one savepoint level in it: a savepoint that is rolled back inside a transaction that
 * commits takes back its own files only.
 *
 * @example
 * ```ts
 * import { FileScope } from '@fieldfile/core';
 *
 * const transaction = new FileScope();
 * const savepoint = transaction.savepoint();
 * await savepoint.end('committed'); // released: its changes wait for the outer end
 * await transaction.end('rolled-back'); // everything is undone
 * ```
 */
export class FileScope {
  readonly parent: FileScope | undefined;
  #changes: ScopedChange[] = [];
  #outcome: ScopeOutcome | undefined;

  constructor(parent?: FileScope) {
    this.parent = parent;
  }

  savepoint(): FileScope {
    return new FileScope(this);
  }

  add(change: ScopedChange): void {
    if (this.#outcome) throw new Error(`This scope has ended (${this.#outcome}): begin another.`);
    this.#changes.push(change);
  }

  /** Ends the scope. Never throws: what goes wrong now is reported to `onError`. Ending twice does nothing. */
  async end(outcome: ScopeOutcome): Promise<void> {
    if (this.#outcome) return;
    this.#outcome = outcome;
    const changes = this.#changes;
    this.#changes = [];
    if (outcome === 'committed' && this.parent) {
      for (const change of changes) this.parent.add(change);
      return;
    }
    // Undone in reverse: a file replaced twice must end as it began.
    const ordered = outcome === 'committed' ? changes : changes.reverse();
    for (const change of ordered) {
      if (outcome === 'committed') await change.committed();
      else if (outcome === 'rolled-back') await change.rolledBack();
      else await change.unknown();
    }
  }
}
