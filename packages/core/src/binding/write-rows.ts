import type { FileScope } from '../change/file-scope.ts';
import { type ColumnsBefore, filledColumns } from '../change/filled-columns.ts';
import { type RowChanges, rowChanges } from '../change/row-changes.ts';
import { type RowRemoval, rowRemoval } from '../change/row-removal.ts';
import { uploadOrUndo } from '../change/upload.ts';
import type { AnyFileField } from '../field/file-field.ts';
import type { SqlExecutor } from '../journal/sql.ts';

/** Where rows are written: the transaction at hand, or one that was opened for them. */
export interface RowTransaction<Executor> {
  /** What runs the library's own statements in it. */
  readonly executor: Executor;
  readonly scope: FileScope | undefined;
  /** Runs SQL in it; left out where there is no such thing. */
  readonly execute?: SqlExecutor | undefined;
}

/** What the statements are told, and what they tell of what they did. */
export interface RowWriting {
  /** What to write for each of the rows, in their order. */
  readonly changes: readonly RowChanges[];
  /**
   * These rows' files go: with the rows, or since a statement gave them others. As they were, read in the same transaction;
   * and the row objects that stand for them, where rows were deleted.
   */
  removed(fields: readonly AnyFileField[], rows: readonly object[], objects?: readonly object[]): void;
  /** What a rollback takes back from a row object: columns that the database filled in, or a new key, as they were. */
  takeBack(row: object, before: ColumnsBefore): void;
}

export interface WriteRowsOptions<T, Executor = unknown> {
  /** Row objects that the statements write, with what was assigned to their files. */
  readonly rows: readonly object[];
  /**
   * Runs what it is given in the transaction at hand, with nothing of a sibling between its statements, or in one of its
   * own. Rejects with `transaction-ended` where the caller belongs to one that has ended.
   */
  within(work: (transaction: RowTransaction<Executor>) => Promise<T>): Promise<T>;
  /** Sends the statements. */
  write(executor: Executor, writing: RowWriting): Promise<T>;
  /**
   * Whether a part may be written when `write` fails, so that the transaction must not commit. One statement is done
   * whole or not at all. Default: false.
   */
  readonly perhapsInPart?: boolean | ((error: unknown) => boolean);
}

/**
 * The one order in which rows and their files are written: the bytes are stored before there is a transaction, the
 * statements write the rows, the journal's entries are taken in the same transaction, and the changes end with it.
 *
 * Where it fails, what it stored is undone. Where a row may be written whose file is undone, the transaction cannot
 * commit, whoever catches the error.
 *
 * @throws what failed first.
 */
export async function writeRows<T, Executor>(options: WriteRowsOptions<T, Executor>): Promise<T> {
  const { rows, within, write, perhapsInPart = false } = options;
  let begun = false;
  await uploadOrUndo(rows);
  try {
    return await within(async ({ executor, scope, execute }) => {
      begun = true;
      const changes = rows.map(rowChanges);
      const removals: RowRemoval[] = [];
      try {
        const result = await write(executor, {
          changes,
          removed: (fields, olds, objects) => void removals.push(rowRemoval(fields, olds, objects)),
          takeBack: (row, before) => scope?.add(filledColumns(row, before)),
        });
        await landed([...changes, ...removals], { scope, execute });
        return result;
      } catch (error) {
        if (typeof perhapsInPart === 'function' ? perhapsInPart(error) : perhapsInPart)
          scope?.refuseCommit(error);
        for (const change of changes) await change.failed(scope);
        throw error;
      }
    });
  } catch (error) {
    if (!begun) for (const row of rows) await rowChanges(row).failed();
    throw error;
  }
}

/** In the transaction that wrote the rows, right after: the journal's entries are taken, and the changes end with it. */
export async function landed(
  changes: readonly Pick<RowChanges, 'take' | 'written'>[],
  { scope, execute }: Pick<RowTransaction<unknown>, 'scope' | 'execute'>,
): Promise<void> {
  for (const change of changes) await change.take(execute);
  for (const change of changes) await change.written(scope);
}
