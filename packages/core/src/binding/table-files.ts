import { FieldFileError, isFieldFileError } from '@fieldfile/storage';
import { dropAssigned, hasUnwritten, type RowChanges, rowChanges } from '../change/row-changes.ts';
import { rowConflict } from '../change/row-conflict.ts';
import { uploadOrUndo } from '../change/upload.ts';
import { defineFiles } from '../field/define-files.ts';
import { type Field, letGo } from '../field/field.ts';
import type { FileInput } from '../field/field-file.ts';
import type { FieldOptions } from '../field/field-options.ts';
import type { FileField } from '../field/file-field.ts';
import type { Assigned } from '../field/file-state.ts';
import { pickKey } from '../field/model.ts';
import type { RowKey } from '../field/row-key.ts';
import type { SqlDialectName } from '../journal/dialect.ts';
import type { SqlExecutor, SyncSqlExecutor } from '../journal/sql.ts';
import { handlesOf } from '../ownership/owner-record.ts';
import type { Binding } from './binding.ts';
import { nameQueries } from './name-queries.ts';
import type { RowsDatabase } from './rows-database.ts';
import { type Awaitable, atOnce, inTime, type Steps, step } from './steps.ts';
import type { RowWriting } from './write-rows.ts';

/** Columns of a row, by the names the library has for them. */
export type Columns = Record<string, unknown>;

/**
 * What a query builder does with one table. Statements run on what they are given: the database, or a transaction.
 * Where the database has no `RETURNING`, `withoutReturning` makes `insert` and `delete`.
 *
 * @typeParam Executor the library's database and transaction objects.
 * @typeParam Where a condition, as the library has it.
 */
export interface TableDriver<Executor, Where> {
  readonly dialect: SqlDialectName;
  /** All columns where none are named. */
  select(
    on: Executor,
    where: Where,
    options?: {
      readonly columns?: readonly string[];
      readonly limit?: number;
      /** `FOR UPDATE`: asked by `withoutReturning` alone. */
      readonly lock?: boolean;
    },
  ): Awaitable<readonly Columns[]>;
  /** @returns the row's columns as the database has them. */
  insert(on: Executor, values: Columns): Awaitable<Columns>;
  /** @returns how many rows there were. */
  update(on: Executor, where: Where, values: Columns): Awaitable<number>;
  /** @returns these columns of the rows that are deleted. */
  delete(on: Executor, where: Where, columns: readonly string[]): Awaitable<readonly Columns[]>;
  /**
   * The condition that every column has its value, null included, of one of these rows.
   *
   * @param expected what columns must still have exactly, whatever their collation: see `exactly`.
   */
  matching(rows: readonly Columns[], expected?: Columns): Where;
  /** Runs SQL text. */
  execute(on: Executor): SqlExecutor;
  /** The same, where the driver answers at once: every statement does then. */
  executeSync?(on: Executor): SyncSqlExecutor;
  /** The table, as it stands in SQL text. */
  tableInSql(): string;
  columnInSql(column: string): string;
  maxLength?(column: string): number | undefined;
  /** A column's value as rows have it, of what SQL text gave. Default: as it is. */
  fromDatabase?(column: string, value: unknown): unknown;
}

type Write<Executor, T> = (executor: Executor, writing: RowWriting) => Steps<T>;
type Statement<Executor> = <T>(run: (executor: Executor) => Awaitable<T>) => Awaitable<T>;

interface Update<Executor> {
  readonly row: Columns;
  write(executor: Executor, writing: RowWriting): Steps<void>;
  /** The row object shows what was written. */
  show(): void;
}

export interface TableFilesOptions<Executor, Where> {
  /** For messages and the journal. */
  readonly name: string;
  readonly key: readonly string[];
  readonly fields: Readonly<Record<string, FieldOptions<never>>>;
  readonly driver: TableDriver<Executor, Where>;
  readonly database: RowsDatabase<Executor>;
}

/**
 * Files of a table whose rows are plain objects and where no ORM tells of changes: statements that store files before
 * they write rows, and remove what rows no longer name after the commit. Query builders' packages give it their types.
 */
export class TableFiles<Executor, Where> {
  readonly fields: Readonly<Record<string, FileField<Columns, never, never>>>;
  readonly #options: TableFilesOptions<Executor, Where>;
  readonly #fileColumns: readonly string[];
  readonly #drafts = new WeakSet<Columns>();

  constructor(options: TableFilesOptions<Executor, Where>) {
    this.#options = options;
    this.#fileColumns = Object.keys(options.fields);
    const { name, key, fields } = options;
    this.fields = defineFiles({ name, key } as never, fields as never, this.#binding() as never);
  }

  /** A row that is not inserted yet, so that its files can be uploaded before a transaction begins. */
  draft(values: Columns): Columns {
    const row: Columns = { ...values };
    this.#drafts.add(row);
    for (const column of this.#fileColumns) row[column] = this.#options.fields[column]?.default ?? null;
    for (const column of this.#fileColumns) this.#field(column).of(row as never);
    this.#assign(row, values);
    return row;
  }

  /** @param values columns with files to store, or a draft. @returns the row, which a draft becomes. */
  async insert(values: Columns): Promise<Columns> {
    const { database } = this.#options;
    database.refuseWaiting?.();
    const row = this.#drafted(values);
    await database.write([row], this.#inserting(row), { perhapsInPart: wasApplied });
    return row;
  }

  /** As `insert`, at once: the files of the draft are uploaded already. @throws `unsupported` where they are not. */
  insertSync(values: Columns): Columns {
    const row = this.#drafted(values);
    this.#atOnce.write([row], this.#inserting(row), { perhapsInPart: wasApplied });
    return row;
  }

  /**
   * Writes columns and what was assigned to the row's files, by the row's key. Undefined columns, and files that the row
   * object shows already, are left out; where nothing is left nothing is sent.
   *
   * @param given a row, or its key alone: what it has is read first where a file is to take its place.
   * @throws `conflict` when there is no such row, or it has another file than this object knew.
   */
  async update(given: Columns, values: Columns): Promise<void> {
    const { database } = this.#options;
    database.refuseWaiting?.();
    const update = await inTime(this.#updating(given, values, run => database.statement(run)));
    if (!update) return;
    await database.write([update.row], update.write);
    update.show();
  }

  /** As `update`, at once: files are uploaded already, or cleared. @throws as `update`; `unsupported` for other files. */
  updateSync(given: Columns, values: Columns): void {
    const database = this.#atOnce;
    const update = atOnce(this.#updating(given, values, run => database.statement(run)));
    if (!update) return;
    database.write([update.row], update.write);
    update.show();
  }

  /** Writes columns of all rows that match; each gets an object of its own. @returns how many there were. */
  async updateWhere(where: Where, values: Columns): Promise<number> {
    const { database, driver, key } = this.#options;
    database.refuseWaiting?.();
    const others = this.#others(values);
    const given = this.#fileColumns.filter(column => values[column] !== undefined);
    if (given.length === 0 && Object.keys(others).length > 0)
      return database.statement(executor => driver.update(executor, where, others));
    const columns = [...key, ...this.#fileColumns];
    const rows = await database.statement(executor => driver.select(executor, where, { columns }));
    const [first, ...rest] = rows;
    if (!first) return 0;
    this.#assign(first, values);
    const assigned = given.filter(column => this.#field(column).of(first as never).pending);
    if (assigned.length === 0 && Object.keys(others).length === 0) return rows.length;
    await uploadOrUndo([first]);
    try {
      for (const column of assigned) {
        const stored = this.#field(column).of(first as never);
        for (const row of rest) this.#field(column).set(row as never, stored.name === null ? null : stored);
      }
      const updateRow = this.#updateRow.bind(this);
      const keys = rows.map(row => this.#keyOf(row));
      await database.write(
        rows,
        function* (executor, { changes }) {
          for (const [index, key] of keys.entries()) yield* updateRow(executor, key, others, changes[index]);
        },
        { perhapsInPart: rows.length > 1 },
      );
    } catch (error) {
      await dropAssigned(rest);
      await rowChanges(first).failed();
      throw error;
    }
    return rows.length;
  }

  /** Deletes the rows that match, and their objects after the commit. @returns how many there were. */
  async deleteWhere(where: Where): Promise<number> {
    return this.#options.database.write([], this.#deleting(where, []));
  }

  /** As `deleteWhere`, at once. */
  deleteWhereSync(where: Where): number {
    return this.#atOnce.write([], this.#deleting(where, []));
  }

  /** Deletes the row by its key, and its objects after the commit. @returns whether there was one. */
  async delete(row: Columns): Promise<boolean> {
    return (await this.#options.database.write([], this.#deleting(this.#matching(row), [row]))) > 0;
  }

  /** As `delete`, at once. */
  deleteSync(row: Columns): boolean {
    return this.#atOnce.write([], this.#deleting(this.#matching(row), [row])) > 0;
  }

  get #atOnce(): NonNullable<RowsDatabase<Executor>['atOnce']> {
    const { atOnce: database } = this.#options.database;
    if (database) return database;
    throw new FieldFileError(
      'unsupported',
      `The driver of ${this.#options.name} has to be waited for: use insert, update and delete.`,
      { operation: 'table' },
    );
  }

  #drafted(values: Columns): Columns {
    return handlesOf(values).next().done ? this.draft(values) : values;
  }

  #inserting(row: Columns): Write<Executor, void> {
    const { driver } = this.#options;
    const others = (columns: Columns): Columns => this.#others(columns);
    return function* (executor, { changes: [changes], takeBack }) {
      const columns = yield* step(driver.insert(executor, { ...others(row), ...changes?.insertValues() }));
      changes?.inserted(columns);
      const filled = Object.entries(others(columns)).filter(([column, value]) => row[column] !== value);
      takeBack(row, Object.fromEntries(filled.map(([column]) => [column, row[column]])));
      Object.assign(row, Object.fromEntries(filled));
    };
  }

  /** An update that has something to write: the statements, and what the row object shows of them afterwards. */
  *#updating(
    given: Columns,
    values: Columns,
    statement: Statement<Executor>,
  ): Steps<Update<Executor> | undefined> {
    const key = this.#keyOf(given);
    const others = this.#others(values);
    const asked = this.#fileColumns.filter(column => !this.#shows(given, column, values[column]));
    const row = yield* this.#loaded(given, key, asked, statement);
    const files = asked.filter(column => !this.#shows(row, column, values[column]));
    this.#assign(row, Object.fromEntries(files.map(column => [column, values[column]])));
    if (Object.keys(others).length === 0 && !hasUnwritten(row)) return undefined;
    const updateRow = this.#updateRow.bind(this);
    return {
      row,
      *write(executor, { changes: [changes], takeBack }) {
        yield* updateRow(executor, key, others, changes);
        const moved = Object.keys(key).filter(column => column in others);
        if (moved.length > 0) takeBack(row, Object.fromEntries(moved.map(column => [column, row[column]])));
      },
      show: () => {
        for (const [column, value] of Object.entries(others)) Reflect.set(row, column, value); // of a frozen row: not shown
        for (const handle of handlesOf(row)) handle.ref.key = pickKey(row, this.#options.key);
      },
    };
  }

  /** @param objects row objects that stand for the rows. */
  #deleting(where: Where, objects: readonly Columns[]): Write<Executor, number> {
    const { driver, key } = this.#options;
    const fields = Object.values(this.fields);
    const columns = [...key, ...this.#fileColumns];
    return function* (executor, { removed }) {
      const rows = yield* step(driver.delete(executor, where, columns));
      removed(fields, rows, objects);
      return rows.length;
    };
  }

  #matching(row: Columns): Where {
    return this.#options.driver.matching([this.#keyOf(row)]);
  }

  #binding(): Binding<Columns> {
    const { database, driver, key } = this.#options;
    const { matching, maxLength, fromDatabase = (_, value) => value } = driver;
    const { names, ...asked } = nameQueries({
      dialect: driver.dialect,
      execute: () => driver.execute(database.reader),
      columnOf: field => ({
        table: driver.tableInSql(),
        column: driver.columnInSql(field),
        key: Object.fromEntries(key.map(column => [column, driver.columnInSql(column)])),
      }),
    });
    const keyOf = (found: RowKey): RowKey =>
      Object.fromEntries(
        Object.entries(found).map(([column, value]) => [column, fromDatabase(column, value)]),
      );
    return {
      key: row => pickKey(row, key),
      isNew: row => this.#drafts.has(row),
      load: async found => (await driver.select(database.executor, matching([found]), { limit: 1 }))[0],
      async update(found, values, { expect, within, withinSync }) {
        const { executeSync } = driver;
        if (executeSync && !withinSync) await within?.(driver.execute(database.executor));
        return database.atomically(function* (executor) {
          const hit = yield* step(driver.update(executor, matching([found], expect), values));
          if (hit === 0) return undefined;
          if (executeSync) withinSync?.(executeSync(executor));
          else yield* step(within?.(driver.execute(executor)) ?? undefined);
          return {};
        });
      },
      ...asked,
      names: async (field, options) =>
        (await names(field, options)).map(found => ({ ...found, key: keyOf(found.key) })),
      scope: () => database.scope,
      journal: database.journal,
      ...(database.refuseWaiting && {
        joined: operation => {
          database.refuseWaiting?.();
          return operation();
        },
      }),
      ...(maxLength && { maxLength }),
    };
  }

  *#updateRow(
    executor: Executor,
    key: RowKey,
    others: Columns,
    changes: RowChanges | undefined,
  ): Steps<void> {
    const { driver } = this.#options;
    const written = { ...others, ...changes?.values };
    if (Object.keys(written).length === 0) return;
    const where = driver.matching([key], changes?.expect);
    if ((yield* step(driver.update(executor, where, written))) === 0) throw rowConflict(this.#options.name);
  }

  #field(column: string): FileField<Columns, never, never> {
    const field = this.fields[column];
    if (!field) throw new Error(`${this.#options.name} has no file field ${column}.`);
    return field;
  }

  /** Whether a value for a file column says nothing new: it is undefined, or the name that the row object shows. */
  #shows(row: Columns, column: string, value: unknown): boolean {
    if (value === undefined) return true;
    if (value !== null && typeof value !== 'string') return false;
    const known = this.#field(column).get(row) !== undefined;
    return known && (value || null) === ((row[column] as string | null) || null);
  }

  /**
   * The row object with these columns. One that was given by its key alone gets them, and all others where a path is made
   * of them.
   */
  *#loaded(
    given: Columns,
    key: RowKey,
    columns: readonly string[],
    statement: Statement<Executor>,
  ): Steps<Columns> {
    const missing = columns.filter(column => given[column] === undefined);
    if (missing.length === 0) return given;
    const { driver, fields, name } = this.#options;
    const whole = missing.some(column => typeof fields[column]?.uploadTo === 'function');
    const select = { limit: 1, ...(!whole && { columns: [...Object.keys(key), ...missing] }) };
    const [found] = yield* step(
      statement(executor => driver.select(executor, driver.matching([key]), select)),
    );
    if (!found) throw rowConflict(name);
    const row = Object.isExtensible(given) ? given : { ...given };
    for (const [column, value] of Object.entries(found)) if (row[column] === undefined) row[column] = value;
    return row;
  }

  /** Every file as it is before the first is assigned: one column may get what another one has. */
  #assign(row: Columns, values: Columns): void {
    const taken: { readonly field: Field; readonly assigned: Assigned }[] = [];
    try {
      for (const column of this.#fileColumns) {
        const field = this.#field(column) as unknown as Field;
        const assigned = field.accepted(row, values[column] as FileInput | undefined);
        if (assigned) taken.push({ field, assigned });
      }
    } catch (error) {
      for (const { assigned } of taken) if (assigned.kind === 'content') letGo(assigned.content.from);
      throw error;
    }
    for (const { field, assigned } of taken) field.assign(row, assigned);
  }

  /** The columns that hold no file's name, and a value. */
  #others(values: Columns): Columns {
    const others = Object.entries(values).filter(
      ([column, value]) => value !== undefined && !this.#fileColumns.includes(column),
    );
    return Object.fromEntries(others);
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
}

/** Whether a statement that failed has written its row all the same. */
const wasApplied = (error: unknown): boolean => isFieldFileError(error) && error.applied === true;
