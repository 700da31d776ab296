import type { Declared, FieldOptions, FileInput, FileKey } from '@fieldfile/core';
import {
  savepoint,
  savepointAnchor,
  TableDatabase,
  TableFiles,
  type TransactionOptions,
} from '@fieldfile/core/binding';
import type { Journal } from '@fieldfile/core/journal';
import type {
  Expression,
  ExpressionBuilder,
  Insertable,
  Kysely,
  Selectable,
  SqlBool,
  Transaction,
  Updateable,
} from 'kysely';
import {
  begin,
  beginAsking,
  type Database,
  dialectOf,
  haveSamePool,
  kyselyDriver,
  sqlExecutor,
} from './driver.ts';

export interface KyselyFilesOptions<DB = unknown> {
  /**
   * Answers questions about all rows (does one still name this object?): a database that sees all of them, on the
   * primary. Needed when row-level security hides rows. Default: the database itself.
   */
  readonly reader?: Kysely<DB>;
  /** `SqlJournal` in PostgreSQL, MySQL or MariaDB, on a pool of its own (`sqlExecutor(journalDb)`); `SqliteJournal` beside SQLite. */
  readonly journal?: Journal;
  /** How long a save or savepoint waits for the one before it on the same connection. Default: 30. */
  readonly siblingWaitSeconds?: number;
}

/** Which rows: as the callback of Kysely's own `where`. */
export type Where<DB, Table extends keyof DB> = (
  builder: ExpressionBuilder<DB, Table>,
) => Expression<SqlBool>;

type Row<DB, Table extends keyof DB> = Selectable<DB[Table]>;
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
  DB,
  Table extends keyof DB,
  Key extends keyof Row<DB, Table>,
  Names extends keyof Row<DB, Table>,
> {
  /** `fields.avatar.of(row)` is the file of any row that was selected with its key and that column. */
  readonly fields: Declared<Row<DB, Table>, Key, Names>;
  /** A row that is not inserted yet: `upload(draft)` stores its files before a transaction begins. */
  draft(values: WithFiles<Insertable<DB[Table]>, Names>): Row<DB, Table>;
  /** Stores the files, then inserts. A draft becomes the row. */
  insert(values: WithFiles<Insertable<DB[Table]>, Names> | Row<DB, Table>): Promise<Row<DB, Table>>;
  /**
   * Stores the files, then writes these columns of the row with its key; the row object shows them. A text for a file is
   * taken only where it is the name that the row object shows, as in `{ ...row, name }`: it changes nothing.
   *
   * @param row a row, or its key alone: the file it has is read first.
   * @throws `conflict` when the row is gone, or has another file than this object; `invalid-argument` for another text.
   */
  update(
    row: Pick<Row<DB, Table>, Key>,
    values: Changes<Updateable<DB[Table]>, Row<DB, Table>, Names>,
  ): Promise<void>;
  /** Every row gets an object of its own. @returns how many rows there were. */
  updateWhere(where: Where<DB, Table>, values: WithFiles<Updateable<DB[Table]>, Names>): Promise<number>;
  /** Objects are removed after the commit. @returns whether there was such a row. */
  delete(row: Pick<Row<DB, Table>, Key>): Promise<boolean>;
  /** @returns how many rows there were. */
  deleteWhere(where: Where<DB, Table>): Promise<number>;
}

/**
 * Files of the rows that Kysely reads and writes.
 *
 * @example
 * ```ts
 * import { file } from '@fieldfile/core';
 * import { KyselyFiles } from '@fieldfile/kysely';
 * import type { Generated, Kysely } from 'kysely';
 *
 * interface Database {
 *   users: { id: Generated<number>; name: string; avatar: string | null };
 * }
 * declare const db: Kysely<Database>;
 * const users = new KyselyFiles(db).define('users', { key: ['id'], fields: { avatar: { uploadTo: 'avatars/' } } });
 *
 * const ada = await users.insert({ name: 'Ada', avatar: file('…', 'ada.png') });
 * await users.fields.avatar.of(ada).save('…', { name: 'new.png' });
 * ```
 */
export class KyselyFiles<DB> {
  readonly #db: Database;
  readonly #database: TableDatabase<Database>;

  /** @throws `invalid-argument` for a journal on the pool of `db`. */
  constructor(db: Kysely<DB>, { journal, reader, siblingWaitSeconds }: KyselyFilesOptions<DB> = {}) {
    this.#db = db as unknown as Database;
    this.#database = new TableDatabase<Database>({
      executor: this.#db,
      reader: reader as Database | undefined,
      begin: begin(this.#db),
      savepoint: outer => savepoint(outer, sqlExecutor),
      execute: sqlExecutor,
      journal,
      samePool: other => haveSamePool(this.#db, other),
      siblingWaitSeconds,
      anchor: savepointAnchor(dialectOf(this.#db), sqlExecutor),
    });
  }

  /** Declares a table's file columns. Kysely knows no column's length: tell it as `maxLength`. */
  define<
    Table extends keyof DB & string,
    Key extends keyof Row<DB, Table> & string,
    Names extends FileKey<Row<DB, Table>>,
  >(
    table: Table,
    options: {
      readonly key: readonly Key[];
      readonly fields: { readonly [Name in Names]: FieldOptions<Row<DB, Table>> };
    },
  ): FileTable<DB, Table, Key, Names> {
    const files = new TableFiles({
      name: table,
      key: options.key,
      fields: options.fields,
      driver: kyselyDriver(this.#db, table, options.key),
      database: this.#database,
    });
    return files as unknown as FileTable<DB, Table, Key, Names>;
  }

  /**
   * Runs work in a transaction, or inside one in a savepoint; files follow the rows. The tables' methods and
   * `handle.save` take part by themselves, queries of your own through `trx`. What the work begins it has to await:
   * later it fails with `transaction-ended`.
   */
  transaction<T>(work: (trx: Transaction<DB>) => Promise<T>, options?: TransactionOptions): Promise<T> {
    return this.#database.transaction(trx => work(trx as unknown as Transaction<DB>), {
      ...options,
      begin: beginAsking(this.#db),
    });
  }

  /** Runs what takes no part in the transaction at hand, and may outlive it: a worker that is started on first use. */
  outside<T>(work: () => T): T {
    return this.#database.outside(work);
  }
}
