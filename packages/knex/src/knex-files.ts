import {
  type Declared,
  FieldFileError,
  type FieldOptions,
  type FileInput,
  type FileKey,
  type Model,
} from '@fieldfile/core';
import { savepointAnchor, TableDatabase, TableFiles, type TransactionOptions } from '@fieldfile/core/binding';
import type { Journal } from '@fieldfile/core/journal';
import type { Knex } from 'knex';
import { dialectOf, haveSamePool, knexDriver, sqlExecutor, type Where } from './driver.ts';
import { KnexTransactions } from './transactions.ts';

export interface KnexFilesOptions {
  /**
   * Answers questions about all rows (does one still name this object?): a database that sees all of them, on the
   * primary. Needed where row-level security hides rows. Default: the database itself.
   */
  readonly reader?: Knex;
  /** `SqlJournal` in PostgreSQL, MySQL or MariaDB, on a pool of its own (`sqlExecutor(journalDb)`); `SqliteJournal` beside SQLite. */
  readonly journal?: Journal;
  /**
   * How long a save or savepoint waits for the one before it on the same connection. Of several `KnexFiles` on one database
   * the first one's counts. Default: 30.
   */
  readonly siblingWaitSeconds?: number;
}

/** Columns to write; those of files take files. */
type Values<Row, Names extends keyof Row> = {
  readonly [Column in Exclude<keyof Row, Names>]?: Row[Column] | Knex.Raw | undefined;
} & { readonly [Name in Names]?: FileInput | undefined };

/** Columns of one row. A file's name is left out where it is what the row object shows. */
type Changes<Row, Names extends keyof Row> = {
  readonly [Column in Exclude<keyof Row, Names>]?: Row[Column] | undefined;
} & { readonly [Name in Names]?: FileInput | Row[Name] | undefined };

/** A table's rows, and the files of some of its columns. */
export interface FileTable<Row extends object, Key extends keyof Row, Names extends keyof Row> {
  /** `fields.avatar.of(row)` is the file of any row that was selected with its key and that column. */
  readonly fields: Declared<Row, Key, Names>;
  /** A row that is not inserted yet: `upload(draft)` stores its files before a transaction begins. */
  draft(values: Values<Row, Names>): Row;
  /** Stores the files, then inserts. A draft becomes the row. */
  insert(values: Values<Row, Names> | Row): Promise<Row>;
  /**
   * Stores the files, then writes these columns of the row with its key; the row object shows them. A text for a file is
   * taken only where it is the name that the row object shows, as in `{ ...row, name }`: it changes nothing.
   *
   * @param row a row, or its key alone: the file it has is read first.
   * @throws `conflict` when the row is gone, or has another file than this object; `invalid-argument` for another text.
   */
  update(row: Pick<Row, Key>, values: Changes<Row, Names>): Promise<void>;
  /** Every row gets an object of its own. @returns how many rows there were. */
  updateWhere(where: Where<Row>, values: Values<Row, Names>): Promise<number>;
  /** Objects are removed after the commit. @returns whether there was such a row. */
  delete(row: Pick<Row, Key>): Promise<boolean>;
  /** @returns how many rows there were. */
  deleteWhere(where: Where<Row>): Promise<number>;
}

/**
 * Files of the rows that Knex reads and writes. Transactions begun with Knex's own `transaction` are followed.
 *
 * @example
 * ```ts
 * import { file, model } from '@fieldfile/core';
 * import { KnexFiles } from '@fieldfile/knex';
 * import knex from 'knex';
 *
 * interface User {
 *   id: number;
 *   name: string;
 *   avatar: string | null;
 * }
 * const db = knex({ client: 'pg', connection: 'postgresql://localhost/app' });
 * const users = new KnexFiles(db).define(model<User>()('users', 'id'), { avatar: { uploadTo: 'avatars/' } });
 *
 * const ada = await users.insert({ name: 'Ada', avatar: file('…', 'ada.png') });
 * await db.transaction(async trx => {
 *   await users.fields.avatar.of(ada).save('…', { name: 'new.png' });
 *   await trx('log').insert({ text: 'a new picture' });
 * });
 * ```
 */
export class KnexFiles {
  readonly #db: Knex;
  readonly #database: TableDatabase<Knex>;
  readonly #transactions: KnexTransactions;

  /**
   * @throws `invalid-argument` for a journal on the pool of `db`, or a transaction in its place; `unsupported` for databases
   * other than PostgreSQL, MySQL, MariaDB and SQLite.
   */
  constructor(db: Knex, { journal, reader, siblingWaitSeconds }: KnexFilesOptions = {}) {
    dialectOf(db);
    if (db.isTransaction)
      throw new FieldFileError('invalid-argument', 'KnexFiles takes a database, not a transaction of it.', {
        operation: 'KnexFiles',
      });
    const anchor = savepointAnchor<Knex>(dialectOf(db), sqlExecutor);
    const transactions = KnexTransactions.of(db, { siblingWaitSeconds, anchor });
    this.#db = db;
    this.#transactions = transactions;
    this.#database = new TableDatabase<Knex>({
      executor: db,
      reader,
      begin: transactions.begin(db),
      savepoint: outer => transactions.begin(outer.connection),
      execute: sqlExecutor,
      journal,
      samePool: other => haveSamePool(db, other),
      siblingWaitSeconds,
      transactions,
    });
    transactions.followAll(db);
  }

  /** Declares a table's file columns. Knex knows no column's length: tell it as `maxLength`. */
  define<Row extends object, Key extends keyof Row & string, Names extends FileKey<Row>>(
    { name, key }: Model<Row, Key>,
    fields: { readonly [Name in Names]: FieldOptions<Row> },
  ): FileTable<Row, Key, Names> {
    const driver = knexDriver(this.#db, name, key);
    const files = new TableFiles({ name, key, fields, driver, database: this.#database });
    return files as unknown as FileTable<Row, Key, Names>;
  }

  /**
   * Runs work in a transaction as `db.transaction` does, or inside one in a savepoint. What the work begins it has to
   * await: later it fails with `transaction-ended`.
   *
   * @param options Knex's own, and `attempts`: how often the work is tried where the database asks for that.
   */
  transaction<T>(
    work: (trx: Knex.Transaction) => Promise<T>,
    options?: Knex.TransactionConfig & TransactionOptions,
  ): Promise<T> {
    const on = this.#transactions.current?.connection ?? this.#db;
    return this.#transactions.perform(on, work, options) as Promise<T>;
  }

  /**
   * Runs work as part of a transaction that was begun by hand (`await db.transaction()`), which no callback tells of.
   * @throws `invalid-argument` for a transaction that this database did not begin.
   */
  transacting<T>(trx: Knex.Transaction, work: () => T): T {
    return this.#transactions.join(trx, work);
  }

  /** Runs what takes no part in the transaction at hand, and may outlive it: a worker that is started on first use. */
  outside<T>(work: () => T): T {
    return this.#database.outside(work);
  }
}
