import { type ColumnsBefore, filledColumns } from '../change/filled-columns.ts';
import { type RowChanges, rowChanges } from '../change/row-changes.ts';
import { type RowRemoval, rowRemoval } from '../change/row-removal.ts';
import { uploadOrUndo } from '../change/upload.ts';
import type { AnyFileField } from '../field/file-field.ts';
import type { SqlExecutor } from '../journal/sql.ts';
import type { Level } from './level.ts';
import { landed } from './write-rows.ts';

/** A row that a flush is about to write. */
export interface RowToFlush {
  readonly row: object;
  readonly isInserted: boolean;
  readonly isRemoved: boolean;
  /** Whether its statement is done. */
  isWritten(): boolean;
}

/** Where a flush runs. */
export interface FlushLevels<Transaction> {
  of(transaction: Transaction | undefined): Level<Transaction> | undefined;
  /** @throws `transaction-ended`; `timeout`. */
  beginGroup(level: Level<Transaction>): Promise<void>;
  execute(transaction: Transaction | undefined): SqlExecutor;
}

/**
 * A flush of a library's unit of work, which writes rows one after another and calls a hook for each. It does what
 * `writeRows` does for bindings with statements of their own.
 */
export class Flush<Transaction extends object> {
  readonly #levels: FlushLevels<Transaction>;
  /** The one that was open already. */
  #level: Level<Transaction> | undefined;
  readonly #changes = new Map<object, RowChanges>();
  readonly #removals = new Map<object, { readonly objects: RowRemoval; readonly row: RowRemoval }>();
  #rows: readonly RowToFlush[] = [];

  constructor(levels: FlushLevels<Transaction>) {
    this.#levels = levels;
  }

  /**
   * The rows are known, and statements are about to begin: stores what was assigned, then waits for the flush's turn where
   * a transaction is open.
   *
   * @param transaction the one that is open at the time.
   */
  async begin(rows: readonly RowToFlush[], transaction: () => Transaction | undefined): Promise<void> {
    const before = this.#levels.of(transaction());
    await uploadOrUndo(rows.filter(({ isRemoved }) => !isRemoved).map(({ row }) => row));
    this.#rows = rows;
    for (const { row, isInserted } of rows) {
      const changes = rowChanges(row);
      const written = isInserted ? changes.insertValues() : changes.values;
      if (Object.keys(written).length > 0) this.#changes.set(row, changes);
    }
    this.#level = before ?? this.#levels.of(transaction());
    if (this.#level) await this.#levels.beginGroup(this.#level);
  }

  /** What is to be written with a row. */
  changesOf(row: object): RowChanges | undefined {
    return this.#changes.get(row);
  }

  /**
   * A row is about to be inserted.
   * @param before its columns, without what was filled in.
   * @param forget lets the library forget that the row is in the database.
   */
  inserting(
    row: object,
    transaction: Transaction | undefined,
    { before, forget }: { readonly before: ColumnsBefore; forget(row: object): void },
  ): void {
    this.#levels.of(transaction)?.scope.add(filledColumns(row, before, forget));
  }

  /** A row is about to be removed. @param before its columns, read in the same transaction; undefined: it is gone. */
  removing(row: object, fields: readonly AnyFileField[], before: object | undefined): void {
    const objects = rowRemoval(fields, before ? [before] : []);
    this.#removals.set(row, { objects, row: rowRemoval(fields, [], [row]) });
  }

  /** Right after a row was inserted, updated or removed. @throws `intent-lost`: the transaction must roll back. */
  async written(row: object, transaction: Transaction | undefined): Promise<void> {
    const scope = this.#levels.of(transaction)?.scope;
    const changes = this.#changes.get(row);
    const removal = this.#removals.get(row);
    const done = removal ? [removal.objects, removal.row] : changes ? [changes] : [];
    if (done.length > 0) await landed(done, { scope, execute: this.#levels.execute(transaction) });
    if (removal)
      await changes?.failed(scope); // stored for a row that is removed instead
    else {
      const moved = filledColumns(row, {}); // perhaps it has another key than before
      scope?.add(moved);
    }
    this.#changes.delete(row);
    this.#removals.delete(row);
  }

  /**
   * What was stored and not written is undone. A transaction that has such a row written must not commit, whoever catches
   * the error.
   */
  async failed(error: unknown): Promise<void> {
    const scope = this.#level?.scope.outcome ? undefined : this.#level?.scope;
    const inPart = this.#rows.some(({ row, isWritten }) => this.#changes.has(row) && isWritten());
    if (inPart) scope?.refuseCommit(error);
    for (const changes of this.#changes.values()) await changes.failed(scope);
    // Where such a row is removed all the same, its object is to go.
    if (scope) for (const { objects } of this.#removals.values()) await objects.written(scope);
  }
}
