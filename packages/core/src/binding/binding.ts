import type { CallOptions } from '@fieldfile/storage';
import type { FileScope } from '../change/file-scope.ts';
import type { RowKey } from '../field/row-key.ts';
import type { Journal } from '../journal/journal.ts';
import type { SqlExecutor } from '../journal/sql.ts';

/** What core writes into a row: the file's name and the columns kept beside it. */
export type ColumnValues = Readonly<Record<string, string | number | null>>;

export interface UpdateOptions extends CallOptions {
  /** Compare-and-set: only a row whose columns still hold these values is updated. */
  readonly expect: ColumnValues;
  /**
   * Run after the update has hit its row and before its transaction commits, in the one at hand or in one opened for
   * it. What it rejects with rolls back the latter, and keeps the one at hand from committing
   * (`FileScope.throwIfRefused`). Give it what runs SQL in that transaction, where there is such a thing.
   */
  readonly within?: (transaction?: SqlExecutor) => Promise<void>;
}

/**
 * How rows of one model are persisted: what an ORM's package gives to core. Core calls it with keys and columns only,
 * so that nothing it keeps reaches a row.
 */
export interface Binding<Row extends object> {
  /**
   * The row's key, or undefined until it is inserted. Called at a row's first touch: no I/O, and no callback that closes
   * over the row, which V8 may keep with its optimised code (seen in 1 of 60 processes).
   */
  key(row: Row): RowKey | undefined;
  /**
   * Whether a row object without a key stands for a row that is not inserted yet. Default: it does. Where it was loaded
   * without the key, nothing could update it: its file is read, and a save or delete is refused.
   */
  isNew?(row: Row): boolean;
  /**
   * The key's columns, for models that are classes: a key that comes from outside must be exactly these.
   * @param given that key, where it decides: rows of one model may be told apart by more than their table's own columns.
   */
  keyColumns?(given?: unknown): readonly string[] | undefined;
  /** Loads a row anew, with the columns that `uploadTo` callbacks read. Undefined: there is none. */
  load(key: RowKey, options: CallOptions): Promise<Row | undefined>;
  /**
   * Updates these columns and no other of the row with that key, in the transaction at hand where there is one,
   * without calling the ORM's own hooks again.
   *
   * @returns the columns that came back changed (versions, timestamps), or undefined when no row had the key and the
   * expected values.
   */
  update(
    key: RowKey,
    values: ColumnValues,
    options: UpdateOptions,
  ): Promise<Readonly<Record<string, unknown>> | undefined>;
  /**
   * Whether any row of the model names this object in one of these fields, in one statement a table. Asked on the primary,
   * by who sees every row, through the index of `fileIndex` (PostgreSQL: `column COLLATE "C" = $1`).
   */
  isReferenced(fields: readonly string[], name: string, options: CallOptions): Promise<boolean>;
  /**
   * Whether any row of the model has one of these names, which all mean one object, asked as `isReferenced` is: rows that
   * another library wrote may spell it `./docs/x`. Without it, `isReferenced` is asked for each: some ten to thirty.
   */
  isAnyReferenced?(
    fields: readonly string[],
    names: readonly string[],
    options: CallOptions,
  ): Promise<boolean>;
  /**
   * Whether more than one row of the model names this object in that field, asked as `isReferenced` is. Without it, a file
   * that two rows name can be replaced although the columns beside it in one of them tell of the old bytes.
   */
  isShared?(field: string, name: string, options: CallOptions): Promise<boolean>;
  /**
   * Names in that field, ascending by UTF-8 bytes (PostgreSQL: `COLLATE "C"`), after `after`; at most `limit`. Neither
   * null nor the empty text.
   */
  names(
    field: string,
    options: CallOptions & { readonly after?: string; readonly limit: number },
  ): Promise<readonly { readonly key: RowKey; readonly name: string }[]>;
  /** The scope of the transaction this call runs in, if it runs in one. */
  scope?(): FileScope | undefined;
  /**
   * Runs an operation of a handle as part of the transaction at hand, also once that has ended: for a library whose
   * transactions the asynchronous context does not tell. `scope` and `update` are called in it.
   */
  joined?<T>(operation: () => Promise<T>): Promise<T>;
  /** Keeps rows and objects together through crashes. Without one, a process that dies may leave either alone. */
  readonly journal?: Journal | undefined;
  /** A file was assigned to a live row: for an ORM that must mark the row dirty. */
  assigned?(row: Row, field: string): void;
  /** Length of the field's column, where the ORM knows it. Overrides the field's `maxLength`. */
  maxLength?(field: string): number | undefined;
}
