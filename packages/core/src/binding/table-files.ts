import { FieldFileError } from '@fieldfile/storage';
import type { FileScope } from '../change/file-scope.ts';
import { type RowChanges, rowChanges } from '../change/row-changes.ts';
import { rowRemoval } from '../change/row-removal.ts';
import { upload } from '../change/upload.ts';
import { defineFiles } from '../field/define-files.ts';
import type { FileInput } from '../field/field-file.ts';
import type { FieldOptions } from '../field/field-options.ts';
import type { FileField } from '../field/file-field.ts';
import { pickKey } from '../field/model.ts';
import type { Journal } from '../journal/journal.ts';
import type { SqlExecutor } from '../journal/sql.ts';
import { handlesOf } from '../ownership/owner-record.ts';
import type { Binding, RowKey } from './binding.ts';
import type { TransactionOptions, Transactions } from './transactions.ts';

/** Columns of a row, by the names the library has for them. */
export type Columns = Record<string, unknown>;

/**
 * What a query builder does with one table. Statements run on what they are given: the database, or a transaction.
 * `update` and `delete` need `RETURNING` or its like.
 *
 * @typeParam Executor the library's database and transaction objects.
 * @typeParam Where a condition, as the library has it.
 */
export interface TableDriver<Executor, Where> {
  readonly database: Executor;
  /** Opens a transaction, or inside one a savepoint; commits, or rolls back when the work throws. */
  transaction<T>(outer: Executor | undefined, work: (executor: Executor) => Promise<T>): Promise<T>;
  /** All columns where none are named. */
  select(
    on: Executor,
    where: Where,
    options?: { readonly columns?: readonly string[]; readonly limit?: number },
  ): Promise<readonly Columns[]>;
  /** @returns the row's columns as the database has them. */
  insert(on: Executor, values: Columns): Promise<Columns>;
  /** @returns how many rows there were. */
  update(on: Executor, where: Where, values: Columns): Promise<number>;
  /** @returns these columns of the rows that are deleted. */
  delete(on: Executor, where: Where, columns: readonly string[]): Promise<readonly Columns[]>;
  /** The condition that every column has its value, null included. */
  matching(values: Columns): Where;
  /** The condition that a file's column has that name, compared as the index of `fileIndex` does. */
  named(field: string, name: string): Where;
  /** @returns the key and the file's name of rows whose name comes after, ascending by UTF-8 bytes. */
  names(on: Executor, page: NamesPage): Promise<readonly Columns[]>;
  /** Runs SQL text with the database's own placeholders. */
  execute(on: Executor): SqlExecutor;
  maxLength?(column: string): number | undefined;
}

/** Which names are asked for. */
export interface NamesPage {
  readonly field: string;
  readonly after: string;
  readonly limit: number;
  readonly key: readonly string[];
}

export interface TableFilesOptions<Executor, Where> {
  /** For messages and the journal. */
  readonly name: string;
  readonly key: readonly string[];
  readonly fields: Readonly<Record<string, FieldOptions<never>>>;
  readonly driver: TableDriver<Executor, Where>;
  readonly transactions: Transactions<Executor>;
  readonly journal?: Journal | undefined;
}

/**
 * Files of a table whose rows are plain objects and where no ORM tells of changes: statements that store files before
 * they write rows, and remove what rows no longer name after the commit. Query builders' packages give it their types.
 */
export class TableFiles<Executor, Where> {
  readonly fields: Readonly<Record<string, FileField<Columns, never, never>>>;
  readonly #options: TableFilesOptions<Executor, Where>;
  readonly #fileColumns: readonly string[];

  constructor(options: TableFilesOptions<Executor, Where>) {
    this.#options = options;
    this.#fileColumns = Object.keys(options.fields);
    const { name, key, fields } = options;
    this.fields = defineFiles({ name, key } as never, fields as never, this.#binding() as never);
  }

  /** A row that is not inserted yet, so that its files can be uploaded before a transaction begins. */
  draft(values: Columns): Columns {
    const row: Columns = { ...values };
    for (const column of this.#fileColumns) row[column] = null;
    for (const column of this.#fileColumns) this.#field(column).of(row as never);
    this.#assign(row, values);
    return row;
  }

  /** @param values columns with files to store, or a draft. @returns the row, which a draft becomes. */
  async insert(values: Columns): Promise<Columns> {
    const row = handlesOf(values).next().done ? this.draft(values) : values;
    const { driver } = this.#options;
    await this.#persist(row, async (executor, changes) => {
      const inserted = await driver.insert(executor, { ...this.#others(row), ...changes.values });
      Object.assign(row, this.#others(inserted));
    });
    return row;
  }

  /**
   * Writes columns and what was assigned to the row's files, by the row's key.
   * @throws `conflict` when there is no such row, or it has another file than this object knew.
   */
  async update(row: Columns, values: Columns): Promise<void> {
    const { driver } = this.#options;
    const found = this.#keyOf(row);
    const others = this.#others(values);
    this.#assign(row, values);
    await this.#persist(row, async (executor, changes) => {
      const written = { ...others, ...changes.values };
      if (Object.keys(written).length === 0) return;
      const where = driver.matching({ ...found, ...changes.expect });
      if ((await driver.update(executor, where, written)) === 0) throw this.#conflict();
    });
    Object.assign(row, others);
  }

  /** Writes columns of all rows that match; each gets an object of its own. @returns how many there were. */
  async updateWhere(where: Where, values: Columns): Promise<number> {
    const { driver, key } = this.#options;
    const assigned = this.#fileColumns.filter(column => values[column] !== undefined);
    if (assigned.length === 0) return driver.update(this.#executor, where, values);
    const rows = await driver.select(this.#executor, where, { columns: [...key, ...this.#fileColumns] });
    const [first, ...rest] = rows;
    if (!first) return 0;
    try {
      this.#assign(first, values);
      await upload(first);
      for (const column of assigned) {
        const stored = this.#field(column).of(first as never);
        for (const row of rest) this.#field(column).set(row as never, stored.name === null ? null : stored);
      }
      await upload(rest);
      await this.#within(async () => {
        for (const row of rows) await this.update(row, this.#others(values));
      });
    } catch (error) {
      for (const row of rows) await rowChanges(row).failed();
      throw error;
    }
    return rows.length;
  }

  /** Deletes the rows that match, and their objects after the commit. @returns how many there were. */
  async deleteWhere(where: Where): Promise<number> {
    const { driver, key } = this.#options;
    const columns = [...key, ...this.#fileColumns];
    return this.#within(async (executor, scope) => {
      const rows = await driver.delete(executor, where, columns);
      const removal = rowRemoval(Object.values(this.fields), rows);
      await removal.take(driver.execute(executor));
      await removal.written(scope);
      return rows.length;
    });
  }

  /** Deletes the row by its key, and its objects after the commit. @returns whether there was one. */
  async delete(row: Columns): Promise<boolean> {
    return (await this.deleteWhere(this.#options.driver.matching(this.#keyOf(row)))) > 0;
  }

  /** Runs work in a transaction, or inside one in a savepoint: files follow the rows. */
  transaction<T>(work: (executor: Executor) => Promise<T>, options?: TransactionOptions): Promise<T> {
    const { driver, transactions } = this.#options;
    const outer = transactions.current?.executor;
    return transactions.run(begun => driver.transaction(outer, begun), work, options);
  }

  #binding(): Binding<Columns> {
    const { driver, key, journal, transactions } = this.#options;
    return {
      key: row => pickKey(row, key),
      load: async found => (await driver.select(this.#executor, driver.matching(found), { limit: 1 }))[0],
      update: async (found, values, { expect, within }) => {
        const where = driver.matching({ ...found, ...expect });
        const write = async (executor: Executor): Promise<Columns | undefined> => {
          if ((await driver.update(executor, where, values)) === 0) return undefined;
          await within?.(driver.execute(executor));
          return {};
        };
        const { current } = transactions;
        return current ? write(current.executor) : driver.transaction(undefined, write);
      },
      isReferenced: async (field, name) => {
        const where = driver.named(field, name);
        return (await driver.select(this.#executor, where, { columns: key, limit: 1 })).length > 0;
      },
      names: async (field, { after = '', limit }) => {
        const rows = await driver.names(this.#executor, { field, after, limit, key });
        return rows.map(row => ({ key: pickKey(row, key) ?? {}, name: row[field] as string }));
      },
      scope: () => transactions.current?.scope,
      journal,
      ...(driver.maxLength && { maxLength: driver.maxLength }),
    };
  }

  /** The transaction at hand, or the database itself. */
  get #executor(): Executor {
    const { driver, transactions } = this.#options;
    return transactions.current?.executor ?? driver.database;
  }

  /** Runs work in the transaction at hand, or in one of its own. */
  #within<T>(work: (executor: Executor, scope: FileScope) => Promise<T>): Promise<T> {
    const { transactions } = this.#options;
    const run = async (): Promise<T> => {
      const { current } = transactions;
      if (!current) throw new Error('The transaction was left by its own work.');
      return work(current.executor, current.scope);
    };
    return transactions.current ? run() : this.transaction(run);
  }

  async #persist(
    row: Columns,
    write: (executor: Executor, changes: RowChanges) => Promise<void>,
  ): Promise<void> {
    await upload(row);
    const changes = rowChanges(row);
    let begun = false;
    try {
      await this.#within(async (executor, scope) => {
        begun = true;
        try {
          await write(executor, changes);
          await changes.take(this.#options.driver.execute(executor));
        } catch (error) {
          await changes.failed(scope);
          throw error;
        }
        await changes.written(scope);
      });
    } catch (error) {
      if (!begun) await changes.failed();
      throw error;
    }
  }

  #field(column: string): FileField<Columns, never, never> {
    const field = this.fields[column];
    if (!field) throw new Error(`${this.#options.name} has no file field ${column}.`);
    return field;
  }

  #assign(row: Columns, values: Columns): void {
    for (const column of this.#fileColumns)
      if (values[column] !== undefined) this.#field(column).set(row as never, values[column] as FileInput);
  }

  /** The columns that hold no file's name. */
  #others(values: Columns): Columns {
    return Object.fromEntries(
      Object.entries(values).filter(([column]) => !this.#fileColumns.includes(column)),
    );
  }

  #keyOf(row: Columns): RowKey {
    const { name, key } = this.#options;
    const found = pickKey(row, key);
    if (found) return found;
    throw new FieldFileError(
      'invalid-argument',
      `The row of ${name} has no value for its key (${key.join(', ')}): insert it first, or select these columns.`,
      { operation: 'update' },
    );
  }

  #conflict(): FieldFileError {
    return new FieldFileError(
      'conflict',
      `The row of ${this.#options.name} is gone or has another file than this row object knew: nothing was written. Load it again.`,
      { operation: 'update' },
    );
  }
}
