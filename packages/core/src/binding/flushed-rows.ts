import type { FileScope } from '../change/file-scope.ts';
import { type RowChanges, rowChanges } from '../change/row-changes.ts';
import { type RowRemoval, rowRemoval } from '../change/row-removal.ts';
import { uploadOrUndo } from '../change/upload.ts';
import type { AnyFileField } from '../field/file-field.ts';
import { landed, type RowTransaction } from './write-rows.ts';

/**
 * Rows that a library's own unit of work writes one after another, telling of each: what `writeRows` is where the
 * statements are the binding's.
 */
export class FlushedRows {
  readonly #changes = new Map<object, RowChanges>();
  readonly #removals = new Map<object, RowRemoval>();

  /**
   * Stores what was assigned to rows, before the transaction begins where that is the library's to begin.
   *
   * @param written rows that are to be inserted or updated.
   * @param all these, and rows that are to be deleted.
   */
  static async upload(written: readonly object[], all: readonly object[] = written): Promise<FlushedRows> {
    const flushed = new FlushedRows();
    await uploadOrUndo(written);
    for (const row of all) {
      const changes = rowChanges(row);
      if (Object.keys(changes.expect).length > 0) flushed.#changes.set(row, changes);
    }
    return flushed;
  }

  /** What is to be written with a row. */
  changesOf(row: object): RowChanges | undefined {
    return this.#changes.get(row);
  }

  /** A row is about to be deleted. @param before its columns, read in the same transaction; undefined: it is gone. */
  removing(row: object, fields: readonly AnyFileField[], before: object | undefined): void {
    this.#removals.set(row, rowRemoval(fields, before ? [before] : []));
  }

  /** Right after the row was written or deleted. @throws `intent-lost`: the transaction must roll back. */
  async written(row: object, transaction: Pick<RowTransaction<unknown>, 'scope' | 'execute'>): Promise<void> {
    const changes = this.#changes.get(row);
    const removal = this.#removals.get(row);
    const done = removal ?? changes;
    if (done) await landed([done], transaction);
    if (removal) await changes?.failed(transaction.scope); // stored for a row that is deleted instead
    this.#changes.delete(row);
    this.#removals.delete(row);
  }

  /**
   * It failed: what was stored and not written is undone.
   *
   * @param scope of the transaction, if that is open still.
   * @param wasWritten whether a row was, though `written` was not called: then that transaction must not commit, whoever
   * catches the error.
   */
  async failed(
    error: unknown,
    scope: FileScope | undefined,
    wasWritten: (row: object) => boolean,
  ): Promise<void> {
    for (const [row, changes] of this.#changes) {
      if (wasWritten(row)) scope?.refuseCommit(error);
      await changes.failed(scope);
    }
    // Where such a row is deleted all the same, its object is to go.
    if (scope) for (const removal of this.#removals.values()) await removal.written(scope);
  }
}
