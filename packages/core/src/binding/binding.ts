import type { CallOptions } from '@fieldfile/storage';
import type { FileScope } from '../change/file-scope.ts';
import type { RowKey } from '../field/row-key.ts';
import type { Journal } from '../journal/journal.ts';
import type { SqlExecutor, SyncSqlExecutor } from '../journal/sql.ts';

/** What core writes into a row: the file's name and the columns kept beside it. */
export type ColumnValues = Readonly<Record<string, string | number | null>>;

export interface UpdateOptions extends CallOptions {
  /** Compare-and-set: only a row whose columns still hold these values is updated. */
  readonly expect: ColumnValues;
  /**
   * Called after the row was updated and before the transaction commits: the caller's transaction, or one that was
   * opened for this update. When it rejects, the opened one is rolled back, and the caller's cannot commit
   * (`FileScope.throwIfRefused`). It is given what runs SQL in that transaction, where there is such a thing.
   */
  readonly within?: (transaction?: SqlExecutor) => Promise<void>;
  /**
   * As `within`, for a binding whose transactions cannot wait: it calls this one. Where it is left out, such a binding calls
   * `within` before it begins, with what runs SQL outside transactions.
   */
  readonly withinSync?: (transaction?: SyncSqlExecutor) => void;
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
   * Whether a row object without a key stands for a row that is not inserted yet. Default: it does. A row that was
   * loaded without its key cannot be updated: its file can be read, and a save or delete is refused.
   */
  isNew?(row: Row): boolean;
  /**
   * The key's columns, for models that are classes. A key that comes from outside must have exactly these.
   * @param given that key, where the columns depend on it: a library may need more than the table's own columns.
   */
  keyColumns?(given?: unknown): readonly string[] | undefined;
  /** Loads a row again, with the columns that `uploadTo` callbacks read. Undefined: there is no such row. */
  load(key: RowKey, options: CallOptions): Promise<Row | undefined>;
  /**
   * Updates these columns of the row with that key, and no others: in the current transaction if there is one, and
   * without calling the ORM's own hooks.
   *
   * @returns columns that the database changed (versions, timestamps), or undefined when no row had this key and the
   * expected values.
   */
  update(
    key: RowKey,
    values: ColumnValues,
    options: UpdateOptions,
  ): Promise<Readonly<Record<string, unknown>> | undefined>;
  /**
   * Whether any row of the model names this object in one of these fields, with one statement for each table. Ask the
   * primary, with a role that sees every row, by the index of `fileIndex` (PostgreSQL: `column COLLATE "C" = $1`).
   */
  isReferenced(fields: readonly string[], name: string, options: CallOptions): Promise<boolean>;
  /**
   * Whether any row of the model has one of these names, which all mean one object. Asked in the same way as
   * `isReferenced`: rows that another library wrote may spell it `./docs/x`. Without it, `isReferenced` is asked for each
   * name, some ten to thirty.
   */
  isAnyReferenced?(
    fields: readonly string[],
    names: readonly string[],
    options: CallOptions,
  ): Promise<boolean>;
  /**
   * Whether more than one row of the model names this object in that field. Asked in the same way as `isReferenced`.
   * Without it, a file that two rows name can be replaced, and then one row's columns describe the old bytes.
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
   * Runs an operation of a handle as part of the current transaction, also after that has ended. For libraries whose
   * transaction is not known from the asynchronous context. `scope` and `update` are called inside it.
   */
  joined?<T>(operation: () => Promise<T>): Promise<T>;
  /** Keeps rows and objects together through crashes. Without one, a process that dies may leave a row or an object alone. */
  readonly journal?: Journal | undefined;
  /** A file was assigned to a live row: for an ORM that must mark the row dirty. */
  assigned?(row: Row, field: string): void;
  /** Length of the field's column, where the ORM knows it. Overrides the field's `maxLength`. */
  maxLength?(field: string): number | undefined;
}
