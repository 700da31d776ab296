import type { AnyFileField, FieldFile, FieldOptions, FileInput, RowKey, Storage } from '@fieldfile/core';
import type { Journal } from '@fieldfile/core/journal';

/** What a program writes into a row of the contract's table `documents`. */
export interface DocumentValues {
  /** Given by the database where it is left out. */
  readonly id?: number;
  readonly name?: string;
  readonly payload?: string | null;
  /** A row's id; a foreign key that the database looks at when it commits. */
  readonly parent?: number | null;
}

/** What every row object of `documents` has, whatever the ORM makes of it. */
export interface DocumentRow {
  id: number;
  name: string;
}

/** The columns of `documents` that hold files. */
export type FileColumn = 'avatar' | 'cover';

/** Columns as the database has them. */
export interface StoredDocument {
  readonly id: number;
  readonly name: string;
  readonly avatar: string | null;
  readonly cover: string | null;
  readonly size: number | null;
  readonly version: number;
}

/** What an ORM can do with rows: outside a transaction, or in the one it was made for. */
export interface RowOperations<Row extends object> {
  /** A row object that is not in the database yet. */
  make(values: DocumentValues): Row;
  /** @returns the row object that stands for the row from now on. */
  insert(row: Row): Promise<Row>;
  /** A fresh row object, as another request would get it. */
  find(id: number): Promise<Row | undefined>;
  /** A fresh row object without the files' columns, `size` and `payload`. */
  findPartially(id: number): Promise<Row | undefined>;
  /** Writes these columns and what was assigned to the row's file: the ORM's own way of saving. */
  save(row: Row, values: DocumentValues): Promise<void>;
  /** Deletes the row, whose object the ORM has at hand. */
  remove(row: Row): Promise<void>;
  /** Updates all rows in one call, by no row object. */
  updateAll?(values: { readonly name?: string; readonly avatar?: FileInput }): Promise<void>;
  /** Deletes all rows in one call. */
  removeAll?(): Promise<void>;
  /** Runs SQL text in it: for `endTransaction`. */
  sql?(text: string): Promise<unknown>;
  /** Runs `work` in a savepoint. */
  savepoint?<T>(work: (rows: RowOperations<Row>) => Promise<T>): Promise<T>;
}

/** What can be done in a transaction that cannot wait. It stores nothing: files are uploaded before. */
export interface SyncRowOperations<Row extends object> {
  insert(row: Row): Row;
  find(id: number): Row | undefined;
  save(row: Row, values: DocumentValues): void;
  remove(row: Row): void;
  removeAll(): void;
  /** Runs SQL text that answers nothing. */
  sql(text: string): void;
  /** Runs `work` in a savepoint. */
  savepoint<T>(work: (rows: SyncRowOperations<Row>) => T): T;
}

/** A driver that answers at once, and whose transactions cannot wait. */
export interface SyncTransactions<Row extends object> {
  /** Begins a transaction, runs `work`, and has committed or rolled back when it returns. */
  transaction<T>(work: (rows: SyncRowOperations<Row>) => T): T;
  /** Resolves when objects that transactions removed, or took back, are gone. */
  settled(): Promise<void>;
}

/** Rows whose primary key has two columns, `document` and `number`. */
export interface PageOperations<Page extends object> {
  make(key: { readonly document: number; readonly number: number }): Page;
  insert(page: Page): Promise<Page>;
  find(key: RowKey): Promise<Page | undefined>;
  remove(page: Page): Promise<void>;
  file(page: Page): FieldFile | undefined;
}

/** The rows as another client of the database sees and changes them: not through the ORM, on a connection of its own. */
export interface OtherClient {
  rows(): Promise<readonly StoredDocument[]>;
  /** Names in the column `avatar` of the table `pages`. */
  pageNames(): Promise<readonly string[]>;
  insert(
    values: DocumentValues & { readonly avatar?: string | null; readonly cover?: string | null },
  ): Promise<number>;
  update(
    id: number,
    values: { readonly name?: string; readonly avatar?: string | null; readonly cover?: string | null },
  ): Promise<void>;
  remove(id: number): Promise<void>;
  /** Sessions that have a transaction open, this one aside. Left out where nobody can tell. */
  openTransactions?(): Promise<number>;
}

/** An ORM on an empty database with the contract's tables. Every behaviour gets one of its own. */
export interface BindingUnderTest<Row extends DocumentRow = DocumentRow, Page extends object = object>
  extends RowOperations<Row> {
  readonly other: OtherClient;
  /** The attribute, undefined where the column was not loaded. Default: `avatar`. */
  file(row: Row, column?: FileColumn): FieldFile | undefined;
  /** Assigns to the attribute. Default: `avatar`. */
  assign(row: Row, input: FileInput, column?: FileColumn): void;
  /** Runs `work` in a transaction; `attempts` times at most where the database asks to try again (SQLSTATE 40001). */
  transaction<T>(
    work: (rows: RowOperations<Row>) => Promise<T>,
    options?: { readonly attempts?: number },
  ): Promise<T>;
  /** Left out where the driver has to be waited for. */
  readonly synchronous?: SyncTransactions<Row>;
  /** Gives a row object what its row has, as the ORM does. Left out where the ORM has no such call. */
  reload?(row: Row): Promise<void>;
  /**
   * Writes columns given as one object, as query builders do, those of files among them: of a row object, or of its key
   * alone. Left out where the ORM has no such call.
   */
  update?(row: Row | Pick<DocumentRow, 'id'>, values: Readonly<Record<string, unknown>>): Promise<void>;
  readonly pages?: PageOperations<Page>;
  /** The file fields of `documents` and `pages`, for `sweep`. */
  readonly fields?: readonly AnyFileField[];
  readonly journal?: Journal | undefined;
  /** Connections that transactions can have at a time. Left out where all share one. */
  readonly poolSize?: number;
  /** Makes the binding anew, with a journal on the rows' own connections: what must be refused. */
  shareConnections?(): unknown;
  /** Makes the journal unwritable, as a missing table does. @returns what mends it. */
  breakJournal?(): Promise<() => Promise<void>>;
  /** The connection is lost at the next COMMIT: before the server gets it, or before its answer comes. */
  loseCommit?(when: 'before' | 'after'): void;
  /**
   * Has the database end by itself the transaction that the work is in. `'failing'`: by a statement that fails, as at a
   * deadlock; rejects with its error. `'silently'`: by one that succeeds, as one that changes a table. `'connection'`: by
   * the loss of the connection, which sends nothing more.
   */
  endTransaction?(rows: RowOperations<Row>, how: EndOfTransaction): Promise<void>;
  /**
   * Runs work in a transaction that one call begins and another one ends, and rejects with what that says. Left out where
   * the ORM has no such calls.
   */
  transactionByHand?(
    work: (rows: RowOperations<Row>) => Promise<unknown>,
    end: 'commit' | 'rollback',
  ): Promise<void>;
  dispose(): Promise<void>;
}

/** How a database ends a transaction by itself. */
export type EndOfTransaction = 'failing' | 'silently' | 'connection';

/** What the contract declares of its file fields, and of the binding. */
export interface BindingSetup {
  readonly storage: Storage;
  /** Options of the field `avatar` of `documents`; `cover`, and `avatar` of `pages`, have its storage alone. */
  readonly field: FieldOptions<DocumentRow> & { readonly storage: Storage };
  /** Whether the binding has a journal, where it can have one. */
  readonly journaled: boolean;
  /** The binding's option of that name; undefined: the binding's default. */
  readonly siblingWaitSeconds?: number | undefined;
}

/** What not every ORM or database can do. Whoever lacks one says why; its behaviours are skipped with that reason. */
export type BindingFeature =
  /** Transactions whose work can wait: `transaction` is not called without. */
  | 'waiting-transactions'
  | 'savepoints'
  | 'bulk-update'
  | 'bulk-delete'
  /** A row selected without the file's column. */
  | 'partial-select'
  /** Row objects that are not in the database yet have a file attribute. */
  | 'unsaved-rows'
  /** `handle.save` takes part in the ORM's open transaction. */
  | 'save-in-transaction'
  /** Other clients do not see what is not committed. */
  | 'isolation'
  | 'retries'
  /** A foreign key that is looked at when the transaction commits. */
  | 'deferred-constraints'
  /** A column that takes no null. */
  | 'not-null'
  | 'lost-commit'
  /** A statement that fails may end the whole transaction. */
  | 'ended-by-failure'
  /** A statement that succeeds may end the transaction. */
  | 'ended-silently'
  /** One call begins a transaction, and another one ends it. */
  | 'by-hand'
  /** The connection can be lost in the midst of a transaction. */
  | 'lost-connection'
  /** One of two transactions that wait for each other fails, and may be tried again. */
  | 'deadlocks'
  /** A column raised by every update. */
  | 'version'
  | 'composite-key'
  /** The row object of a row that is removed, so that it can be inserted again. */
  | 'removed-rows'
  /** A save of a row that is under way can be left behind: the ORM does not wait for it before it commits. */
  | 'unawaited-save'
  /** The ORM's own save stores assigned files before it opens its transaction. */
  | 'upload-before-transaction'
  | 'journal';

/** What is tested, and how hard. */
export interface BindingContractOptions<Row extends DocumentRow = DocumentRow, Page extends object = object> {
  /** Shown in titles and in the closing line. */
  readonly name: string;
  /** Where the files go: empty. */
  createStorage(): Promise<Storage>;
  open(setup: BindingSetup): Promise<BindingUnderTest<Row, Page>>;
  /** Why a feature is missing, for each that is. Default: none is. */
  readonly lacks?: Readonly<Partial<Record<BindingFeature, string>>>;
  /** The ids of the behaviours to run. Default: all. */
  readonly only?: readonly string[];
  /** Size of the column whose rows must be collectable. Default: 20 MiB. */
  readonly payloadBytes?: number;
  /** Rows that are held by their files. Default: 20. */
  readonly heldRows?: number;
  /** Calls before live rows are counted, so that V8 has optimised what it runs. Default: 3000. */
  readonly warmUp?: number;
  /** Within which a second client must have written while an upload waits. Default: 10,000. */
  readonly deadlineMs?: number;
  /** For one behaviour. Default: 120,000. */
  readonly timeLimitMs?: number;
}

/** Options with every default filled in. */
export type BindingContractSettings = Required<Omit<BindingContractOptions, 'only'>>;

export function resolveOptions(options: BindingContractOptions): BindingContractSettings {
  return {
    lacks: {},
    payloadBytes: 20 * 1024 * 1024,
    heldRows: 20,
    warmUp: 3000,
    deadlineMs: 10_000,
    timeLimitMs: 120_000,
    ...options,
  };
}
