import type { Declared, FieldOptions, FileInput, FileKey } from '@fieldfile/core';
import { TableFiles, type TransactionOptions, Transactions } from '@fieldfile/core/binding';
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
import { type Database, kyselyDriver, transact } from './driver.ts';

export interface KyselyFilesOptions {
  /** `SqlJournal` in PostgreSQL, with `sqlExecutor(db)`; `SqliteJournal` beside SQLite. */
  readonly journal?: Journal;
}

/** Which rows: as the callback of Kysely's own `where`. */
export type Where<DB, Table extends keyof DB> = (
  builder: ExpressionBuilder<DB, Table>,
) => Expression<SqlBool>;

type Row<DB, Table extends keyof DB> = Selectable<DB[Table]>;
type WithFiles<Values, Names extends PropertyKey> = Omit<Values, Names> & {
  readonly [Name in Names]?: FileInput;
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
   * Stores the files, then writes these columns of the row with its key; the row object shows them.
   * @throws `conflict` when the row is gone, or has another file than this object.
   */
  update(row: Pick<Row<DB, Table>, Key>, values: WithFiles<Updateable<DB[Table]>, Names>): Promise<void>;
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
 * const users = new KyselyFiles(db).table('users', { key: ['id'], fields: { avatar: { uploadTo: 'avatars/' } } });
 *
 * const ada = await users.insert({ name: 'Ada', avatar: file('…', 'ada.png') });
 * await users.fields.avatar.of(ada).save('…', { name: 'new.png' });
 * ```
 */
export class KyselyFiles<DB> {
  readonly #db: Kysely<DB>;
  readonly #journal: Journal | undefined;
  readonly #transactions = new Transactions<Database>();

  constructor(db: Kysely<DB>, { journal }: KyselyFilesOptions = {}) {
    this.#db = db;
    this.#journal = journal;
  }

  /** Declares a table's file columns. Kysely knows no column's length: tell it as `maxLength`. */
  table<
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
      driver: kyselyDriver(this.#db as unknown as Database, table),
      transactions: this.#transactions,
      journal: this.#journal,
    });
    return files as unknown as FileTable<DB, Table, Key, Names>;
  }

  /**
   * Runs work in a transaction, or inside one in a savepoint; files follow the rows. The tables' methods and
   * `handle.save` take part by themselves, queries of your own through `trx`.
   */
  transaction<T>(work: (trx: Transaction<DB>) => Promise<T>, options?: TransactionOptions): Promise<T> {
    const on = this.#transactions.current?.executor ?? (this.#db as unknown as Database);
    return this.#transactions.run(
      begun => transact(on, begun),
      executor => work(executor as unknown as Transaction<DB>),
      options,
    );
  }
}
