import {
  type Declared,
  FieldFileError,
  type FieldOptions,
  type FileInput,
  type FileKey,
} from '@fieldfile/core';
import {
  SynchronousDatabase,
  savepoint,
  savepointAnchor,
  savepointSync,
  TableDatabase,
  TableFiles,
  type TransactionOptions,
} from '@fieldfile/core/binding';
import type { Journal } from '@fieldfile/core/journal';
import {
  getTableName,
  type InferInsertModel,
  type InferSelectModel,
  type SQL,
  type Table,
} from 'drizzle-orm';
import { type Database, dialectOf, isSynchronous, primaryOf, refuseWithoutTransactions } from './database.ts';
import { begin, drizzleDriver, textExecutor } from './driver.ts';
import { beginSync, syncExecutor, type TransactionBehavior, transactionWatch } from './synchronous.ts';

export interface DrizzleFilesOptions {
  /**
   * Answers questions about all rows (does one still name this object?): a database that sees all of them, on the
   * primary. Needed when row-level security hides rows. Default: the database itself.
   */
  readonly reader?: DrizzleDatabase;
  /**
   * `SqlJournal` in PostgreSQL, MySQL or MariaDB, on a pool of its own (`sqlExecutor(journalDb)`); `SqliteJournal` beside
   * SQLite, or with a synchronous driver `SqlJournal` in it (`sqlExecutor(db)`).
   */
  readonly journal?: Journal;
  /** How long a save or savepoint waits for the one before it on the same connection. Default: 30. */
  readonly siblingWaitSeconds?: number;
}

/** A database of Drizzle's: PostgreSQL, MySQL, MariaDB, or SQLite. */
export interface DrizzleDatabase {
  transaction(...parameters: never[]): unknown;
}

/** What Drizzle gives to the work of a transaction. */
export type TransactionOf<DB extends DrizzleDatabase> = DB['transaction'] extends (
  work: (transaction: infer Transaction) => Promise<unknown>,
  ...options: never[]
) => unknown
  ? Transaction
  : never;

/** What Drizzle gives to the work of a transaction that cannot wait; `never` of a driver that has to be waited for. */
export type SyncTransactionOf<DB extends DrizzleDatabase> =
  ReturnType<DB['transaction']> extends PromiseLike<unknown>
    ? never
    : DB['transaction'] extends (
          work: (transaction: infer Transaction) => unknown,
          ...options: never[]
        ) => unknown
      ? Transaction
      : never;

export interface SyncTransactionOptions {
  /** Default: `immediate`, so that another process's writes are waited for when it begins. */
  readonly behavior?: TransactionBehavior;
}

type WithFiles<Values, Names extends PropertyKey> = Omit<Values, Names> & {
  readonly [Name in Names]?: FileInput;
};

/** Columns to write. Undefined ones are left out, and so is a file's name where it is what the row object shows. */
type Changes<Values, Row, Names extends keyof Row> = {
  readonly [Name in Exclude<keyof Values, Names>]?: Values[Name] | undefined;
} & {
  readonly [Name in Names]?: FileInput | Row[Name] | undefined;
};

/** A table's rows, and the files of some of its columns. */
export interface FileTable<
  From extends Table,
  Key extends keyof InferSelectModel<From>,
  Names extends keyof InferSelectModel<From>,
> {
  /** `fields.avatar.of(row)` is the file of any row that was selected with its key and that column. */
  readonly fields: Declared<InferSelectModel<From>, Key, Names>;
  /** A row that is not inserted yet: `upload(draft)` stores its files before a transaction begins. */
  draft(values: WithFiles<InferInsertModel<From>, Names>): InferSelectModel<From>;
  /** Stores the files, then inserts. A draft becomes the row. */
  insert(
    values: WithFiles<InferInsertModel<From>, Names> | InferSelectModel<From>,
  ): Promise<InferSelectModel<From>>;
  /**
   * Stores the files, then writes these columns of the row with its key; the row object shows them. A text for a file is
   * taken only where it is the name that the row object shows, as in `{ ...row, name }`: it changes nothing.
   *
   * @param row a row, or its key alone: the file it has is read first.
   * @throws `conflict` when the row is gone, or has another file than this object; `invalid-argument` for another text.
   */
  update(
    row: Pick<InferSelectModel<From>, Key>,
    values: Changes<InferInsertModel<From>, InferSelectModel<From>, Names>,
  ): Promise<void>;
  /** Every row gets an object of its own. @returns how many rows there were. */
  updateWhere(where: SQL, values: Partial<WithFiles<InferInsertModel<From>, Names>>): Promise<number>;
  /** Objects are removed after the commit. @returns whether there was such a row. */
  delete(row: Pick<InferSelectModel<From>, Key>): Promise<boolean>;
  /** @returns how many rows there were. */
  deleteWhere(where: SQL): Promise<number>;
}

/**
 * The same with a synchronous driver. What its calls write is written when they return; objects are removed afterwards.
 * They store nothing: files are uploaded before, by `await upload(draft)`.
 */
export interface SyncFileTable<
  From extends Table,
  Key extends keyof InferSelectModel<From>,
  Names extends keyof InferSelectModel<From>,
> extends FileTable<From, Key, Names> {
  /** As `insert`. @throws `unsupported` for a file that is not uploaded. */
  insertSync(values: Omit<InferInsertModel<From>, Names> | InferSelectModel<From>): InferSelectModel<From>;
  /** As `update`, with what was assigned to the row's files and uploaded. @throws `unsupported` for a file that is not uploaded. */
  updateSync(
    row: Pick<InferSelectModel<From>, Key>,
    values: Changes<InferInsertModel<From>, InferSelectModel<From>, Names>,
  ): void;
  /** As `delete`. */
  deleteSync(row: Pick<InferSelectModel<From>, Key>): boolean;
  /** As `deleteWhere`. */
  deleteWhereSync(where: SQL): number;
}

/** A table's files, with synchronous calls where the driver is. */
export type FileTableOf<
  DB extends DrizzleDatabase,
  From extends Table,
  Key extends keyof InferSelectModel<From>,
  Names extends keyof InferSelectModel<From>,
> =
  ReturnType<DB['transaction']> extends PromiseLike<unknown>
    ? FileTable<From, Key, Names>
    : SyncFileTable<From, Key, Names>;

/**
 * Files of the rows that Drizzle reads and writes.
 *
 * @example
 * ```ts
 * import { file } from '@fieldfile/core';
 * import { DrizzleFiles } from '@fieldfile/drizzle';
 * import { drizzle } from 'drizzle-orm/node-postgres';
 * import { pgTable, serial, text, varchar } from 'drizzle-orm/pg-core';
 *
 * const users = pgTable('users', { id: serial().primaryKey(), name: text(), avatar: varchar({ length: 100 }) });
 * const db = drizzle('postgresql://localhost/app');
 * const files = new DrizzleFiles(db).define(users, { key: ['id'], fields: { avatar: { uploadTo: 'avatars/' } } });
 *
 * const ada = await files.insert({ name: 'Ada', avatar: file('…', 'ada.png') });
 * await files.fields.avatar.of(ada).save('…', { name: 'new.png' });
 * ```
 */
export class DrizzleFiles<DB extends DrizzleDatabase> {
  readonly #db: Database;
  readonly #database: TableDatabase<Database> | SynchronousDatabase<Database>;

  /** @throws `invalid-argument` for a journal on the pool of `db`; `unsupported` for a driver without transactions. */
  constructor(db: DB, { journal, reader, siblingWaitSeconds }: DrizzleFilesOptions = {}) {
    this.#db = primaryOf(db);
    refuseWithoutTransactions(this.#db);
    const shared = { executor: this.#db, reader: reader && primaryOf(reader), journal };
    this.#database = isSynchronous(this.#db)
      ? new SynchronousDatabase<Database>({
          ...shared,
          begin: beginSync(this.#db),
          savepoint: outer => savepointSync(outer, syncExecutor),
          execute: syncExecutor,
          isInTransaction: transactionWatch(this.#db),
        })
      : new TableDatabase<Database>({
          ...shared,
          begin: begin(this.#db),
          savepoint: outer => savepoint(outer, textExecutor),
          execute: textExecutor,
          samePool: other =>
            '$client' in db && db.$client === (other as { readonly $client?: unknown }).$client,
          siblingWaitSeconds,
          anchor: savepointAnchor(dialectOf(this.#db), textExecutor),
        });
  }

  /** Declares a table's file columns. The longest name is the column's length, where it has one. */
  define<
    From extends Table,
    Key extends keyof InferSelectModel<From> & string,
    Names extends FileKey<InferSelectModel<From>>,
  >(
    table: From,
    options: {
      readonly key: readonly Key[];
      readonly fields: { readonly [Name in Names]: FieldOptions<InferSelectModel<From>> };
    },
  ): FileTableOf<DB, From, Key, Names> {
    const files = new TableFiles({
      name: getTableName(table),
      key: options.key,
      fields: options.fields,
      driver: drizzleDriver(this.#db, table, options.key),
      database: this.#database,
    });
    return files as unknown as FileTableOf<DB, From, Key, Names>;
  }

  /**
   * Runs work in a transaction, or inside one in a savepoint; files follow the rows. The tables' methods and
   * `handle.save` take part by themselves, queries of your own through `tx`. What the work begins it has to await: later
   * it fails with `transaction-ended`.
   *
   * @throws `unsupported` with a synchronous driver: call `transactionSync`.
   */
  async transaction<T>(
    work: (tx: TransactionOf<DB>) => Promise<T>,
    options?: TransactionOptions,
  ): Promise<T> {
    if (this.#database instanceof SynchronousDatabase) throw answersAtOnce();
    return this.#database.transaction(tx => work(tx as unknown as TransactionOf<DB>), options);
  }

  /**
   * The same with a synchronous driver, from BEGIN to COMMIT without waiting: files are uploaded before, and `insertSync`,
   * `updateSync` and `deleteSync` of the tables take part by themselves. Objects are removed afterwards.
   *
   * @throws `unsupported` for work that returns a promise, and with a driver that has to be waited for.
   *
   * @example
   * ```ts
   * import { file, upload } from '@fieldfile/core';
   * import { DrizzleFiles } from '@fieldfile/drizzle';
   * import { drizzle } from 'drizzle-orm/better-sqlite3';
   * import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
   *
   * const log = sqliteTable('log', { text: text() });
   * const users = sqliteTable('users', { id: integer().primaryKey(), avatar: text({ length: 100 }) });
   * const files = new DrizzleFiles(drizzle('app.db'));
   * const userFiles = files.define(users, { key: ['id'], fields: { avatar: { uploadTo: 'avatars/' } } });
   *
   * const ada = userFiles.draft({ avatar: file('…', 'ada.png') });
   * await upload(ada);
   * files.transactionSync(tx => {
   *   userFiles.insertSync(ada);
   *   tx.insert(log).values({ text: 'registered' }).run();
   * });
   * ```
   */
  transactionSync<T>(work: (tx: SyncTransactionOf<DB>) => T, { behavior }: SyncTransactionOptions = {}): T {
    if (!(this.#database instanceof SynchronousDatabase)) throw hasToWait();
    return this.#database.transaction(
      tx => work(tx as unknown as SyncTransactionOf<DB>),
      beginSync(this.#db, behavior),
    );
  }

  /** Resolves when objects that synchronous calls have to remove are removed: before a program ends, or in tests. */
  async settled(): Promise<void> {
    if (this.#database instanceof SynchronousDatabase) await this.#database.settled();
  }

  /** Runs what takes no part in the transaction at hand, and may outlive it: a worker that is started on first use. */
  outside<T>(work: () => T): T {
    return this.#database.outside(work);
  }
}

const answersAtOnce = (): FieldFileError =>
  new FieldFileError(
    'unsupported',
    'This driver of Drizzle is synchronous: its transactions cannot wait. Upload files before (`await upload(row)`), and call ' +
      'transactionSync() with insertSync(), updateSync() and deleteSync() in it.',
    { operation: 'transaction', applied: false },
  );

const hasToWait = (): FieldFileError =>
  new FieldFileError(
    'unsupported',
    'This driver of Drizzle has to be waited for: call transaction(), with an asynchronous function.',
    { operation: 'transaction', applied: false },
  );
