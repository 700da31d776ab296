import type { AnyFileField, RowKey } from '@fieldfile/core';
import {
  type Binding,
  type ColumnValues,
  type Level,
  pickKey,
  TableDatabase,
  type TransactionOptions,
} from '@fieldfile/core/binding';
import type { Journal } from '@fieldfile/core/journal';
import { FieldFileError } from '@fieldfile/storage';
import { compareUtf8, knownOptions } from '@fieldfile/storage/backend';

type Columns = Record<string, unknown>;

interface Records {
  rows: Map<string, Columns>;
  /** The last number that was given. */
  generated: number;
  /** What is open now, and the rows as they were before it. */
  transaction: { readonly before: ReadonlyMap<string, Columns> } | undefined;
}

export interface MemoryTableOptions<Row extends object> {
  /** Columns of the primary key. */
  readonly key: readonly (keyof Row & string)[];
  /** Columns that hold files, and those kept beside them: written only when a file was assigned. */
  readonly files: readonly (keyof Row & string)[];
  /** Makes a row object of stored columns. Default: a plain object. */
  readonly hydrate?: (columns: Readonly<Columns>) => Row;
  /** A column that is raised by one at every update, as an ORM's version column. */
  readonly version?: keyof Row & string;
  /** A column of the key that is numbered from 1 where an inserted row has none. */
  readonly generated?: keyof Row & string;
  /** Length of the file columns, as a database would have it. */
  readonly maxLength?: number;
  /** Keeps rows and objects together; one that is apart from the rows (`SqliteJournal`), since these are in memory. */
  readonly journal?: Journal;
  /** How long a save or savepoint waits for the one before it in the same transaction. Default: 30. */
  readonly siblingWaitSeconds?: number;
}

/**
 * A table in memory that persists rows as a small ORM would, with transactions and savepoints: the reference for
 * writing a {@link Binding}, and something to try file fields on.
 *
 * Rows are copied in and out, so that two loads give two objects. One transaction runs at a time.
 *
 * @example
 * ```ts
 * import { defineFiles, model } from '@fieldfile/core';
 * import { MemoryStorage } from '@fieldfile/memory';
 * import { MemoryTable } from '@fieldfile/memory/table';
 *
 * interface UserRow {
 *   id: number;
 *   avatar: string | null;
 * }
 * const table = new MemoryTable<UserRow>({ key: ['id'], files: ['avatar'] });
 * const users = defineFiles(model<UserRow>()('user', 'id'), { avatar: { storage: new MemoryStorage() } }, table.binding);
 *
 * await table.insert({ id: 1, avatar: null });
 * const row = await table.get({ id: 1 });
 * await users.avatar.of(row).save('hello', { name: 'a.txt' });
 * ```
 */
export class MemoryTable<Row extends object> {
  /** What `defineFiles` takes. */
  readonly binding: Binding<Row>;
  readonly #options: MemoryTableOptions<Row>;
  readonly #database: TableDatabase<Records>;
  readonly #records: Records = { rows: new Map(), generated: 0, transaction: undefined };
  /** The transaction that was begun last, also where it was ended meanwhile; and one whose connection was lost. */
  #begun: object | undefined;
  #unanswered: object | undefined;
  /** The rows when a transaction was ended by an error. */
  #ended: ReadonlyMap<string, Columns> | undefined;
  /** Settles when the running transaction has ended. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: MemoryTableOptions<Row>) {
    knownOptions(
      options,
      ['key', 'files', 'hydrate', 'version', 'generated', 'maxLength', 'journal', 'siblingWaitSeconds'],
      { what: 'MemoryTable', operation: 'construct' },
    );
    this.#options = options;
    this.#database = new TableDatabase<Records>({
      executor: this.#records,
      begin: work => this.#inTurn(() => this.#begin(work)),
      savepoint: outer => work => this.#savepoint(outer, work),
      anchor: {
        set: async ({ transaction }) => ({
          lastFailure: async () => (this.#isAsEnded() ? 'ended' : undefined),
          isLost: async () =>
            this.#unanswered === this.#begun ? undefined : this.#records.transaction !== transaction,
        }),
      },
      journal: options.journal,
      siblingWaitSeconds: options.siblingWaitSeconds,
    });
    this.binding = {
      key: row => pickKey(row, options.key),
      load: async key => this.#find(this.#database.executor, key),
      update: (key, values, { expect, within }) =>
        this.#database.atomically(async ({ rows }) => {
          const record = rows.get(this.#id(key));
          if (!record || !matches(record, expect)) return undefined;
          await within?.();
          return this.#update(record, values);
        }),
      isReferenced: async (fields, name) =>
        fields.some(field => this.#names(field).some(entry => entry.name === name)),
      isShared: async (field, name) => this.#names(field).filter(entry => entry.name === name).length > 1,
      names: async (field, { after, limit }) =>
        this.#names(field)
          .filter(({ name }) => after === undefined || compareUtf8(name, after) > 0)
          .sort((one, other) => compareUtf8(one.name, other.name))
          .slice(0, limit),
      scope: () => this.#database.scope,
      journal: options.journal,
      ...(options.maxLength !== undefined && { maxLength: () => options.maxLength }),
    };
  }

  /** A new object of the row, or undefined. */
  async find(key: RowKey): Promise<Row | undefined> {
    return this.#find(this.#records, key);
  }

  /** @throws `not-found` when there is no such row. */
  async get(key: RowKey): Promise<Row> {
    const row = await this.find(key);
    if (!row) throw missing(this.#id(key));
    return row;
  }

  /** New objects of all rows, in the order they were inserted. */
  async all(): Promise<Row[]> {
    return [...this.#records.rows.values()].map(record => this.#hydrate(record));
  }

  /**
   * Stores a new row, with what was assigned to its files.
   *
   * @throws `invalid-argument` for a row whose key is missing or taken, or that has a bare text or other value where a file
   * goes: assign files through their field, or write columns by `put`.
   */
  insert(row: Row): Promise<void> {
    const { files, generated } = this.#options;
    return this.#database.write([row], async (records, { changes: [changes], takeBack }) => {
      this.#refuseBare(row, changes?.values ?? {});
      const numbered = generated !== undefined && row[generated] === undefined;
      const filled = numbered ? { [generated]: records.generated + 1 } : {};
      const columns = { ...this.#columns(row), ...filled };
      const key = pickKey(columns, this.#options.key);
      if (!key) throw refused('The row has no value for its key', this.#options.key.join(', '));
      if (records.rows.has(this.#id(key))) throw refused('The key of the row is taken', this.#id(key));
      if (numbered) records.generated++;
      const empty = Object.fromEntries(files.map(column => [column, null]));
      records.rows.set(this.#id(key), { ...empty, ...columns, ...changes?.insertValues() });
      if (numbered) takeBack(row, { [generated]: undefined });
      Object.assign(row, filled);
    });
  }

  /** Writes a row's columns; those of files only where one was assigned. @throws `not-found`, `conflict`. */
  update(row: Row): Promise<void> {
    return this.#database.write([row], async ({ rows }, { changes: [changes] }) => {
      const key = pickKey(row, this.#options.key);
      const before = key && rows.get(this.#id(key));
      if (!key || !before) throw missing(key ? this.#id(key) : this.#options.key.join(', '));
      if (!matches(before, changes?.expect ?? {}))
        throw new FieldFileError(
          'conflict',
          `Row ${this.#id(key)} has another file than this row object knew: nothing was written. Load it again.`,
          { operation: 'update' },
        );
      rows.set(this.#id(key), { ...before, ...this.#columns(row), ...changes?.values });
    });
  }

  /** Writes columns as another client of a database would: nobody looks at files. */
  put(columns: Row): Promise<void> {
    return this.#database.outside(() =>
      this.#inTurn(async () => {
        const { generated, key } = this.#options;
        if (generated && columns[generated] === undefined)
          Reflect.set(columns, generated, ++this.#records.generated);
        const id = keyText(key.map(column => columns[column]));
        this.#records.rows.set(id, { ...this.#records.rows.get(id), ...columns });
      }),
    );
  }

  /** Removes the row as another client would; its objects stay. */
  remove(key: RowKey): Promise<boolean> {
    return this.#database.outside(() => this.#inTurn(async () => this.#records.rows.delete(this.#id(key))));
  }

  /**
   * Removes rows, and the objects in these fields with them.
   *
   * @param objects row objects that stand for them: they show no file any more, unless that is rolled back.
   * @returns how many there were.
   */
  delete(
    where: (row: Row) => boolean,
    fields: readonly AnyFileField[],
    objects: readonly Row[] = [],
  ): Promise<number> {
    return this.#database.write([], async ({ rows }, { removed }) => {
      const found = [...rows.values()].map(record => this.#hydrate(record)).filter(where);
      for (const row of found) rows.delete(this.#id(row));
      removed(fields, found, objects);
      return found.length;
    });
  }

  /**
   * Runs `work` in a transaction, or inside one in a savepoint: rolled back when it throws. Files follow the rows.
   *
   * @param options.attempts how often it is tried when it throws what asks for that (`code` 40001, as databases have it).
   */
  transaction<T>(work: () => Promise<T>, options?: TransactionOptions): Promise<T> {
    return this.#database.transaction(work, options);
  }

  /**
   * Ends the transaction at hand as a database does by itself: to break a deadlock, or to change a table. What comes later is
   * written at once, and who began the transaction is told `transaction-lost`.
   */
  endTransaction(how: 'committed' | 'rolled-back'): void {
    const { transaction } = this.#records;
    if (transaction && how === 'rolled-back') this.#records.rows = new Map(transaction.before);
    this.#records.transaction = undefined;
    this.#ended = how === 'rolled-back' ? this.#copy() : undefined;
  }

  /** Loses the connection of the transaction at hand, which is rolled back. How it had ended before, nobody can ask any more. */
  loseConnection(): void {
    this.endTransaction('rolled-back');
    this.#unanswered = this.#begun;
  }

  /** Runs what takes no part in the transaction at hand, and may outlive it. */
  outside<T>(work: () => T): T {
    return this.#database.outside(work);
  }

  /** One transaction at a time. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #begin<T>(work: (records: Records) => Promise<T>): Promise<T> {
    const records = this.#records;
    const transaction = { before: this.#copy() };
    records.transaction = transaction;
    this.#begun = transaction;
    try {
      const result = await work(records);
      if (this.#unanswered === transaction) throw new Error('The connection is lost.');
      return result;
    } catch (error) {
      // Numbers that were given stay given, as a sequence's do.
      if (records.transaction === transaction) records.rows = new Map(transaction.before);
      throw error;
    } finally {
      if (records.transaction === transaction) records.transaction = undefined;
    }
  }

  async #savepoint<T>(outer: Level<Records>, work: (records: Records) => Promise<T>): Promise<T> {
    const records = this.#records;
    const { transaction } = records;
    const rows = this.#copy();
    try {
      const result = await work(records);
      if (records.transaction !== transaction) throw outer.breakOff(new Error('There is no such savepoint.'));
      return result;
    } catch (error) {
      if (!outer.isOpen) throw error;
      if (records.transaction === transaction) records.rows = rows;
      else outer.breakOff(error);
      throw error;
    }
  }

  /** Whether nothing was written since a transaction was ended by an error. */
  #isAsEnded(): boolean {
    const { rows } = this.#records;
    if (this.#ended?.size !== rows.size) return false;
    return [...this.#ended].every(([id, before]) => {
      const record = rows.get(id);
      return record !== undefined && matches(record, before);
    });
  }

  #copy(): Map<string, Columns> {
    return new Map([...this.#records.rows].map(([id, record]) => [id, { ...record }]));
  }

  #find({ rows }: Records, key: RowKey): Row | undefined {
    const record = rows.get(this.#id(key));
    return record && this.#hydrate(record);
  }

  #hydrate(record: Columns): Row {
    return this.#options.hydrate ? this.#options.hydrate(record) : ({ ...record } as Row);
  }

  #update(record: Columns, values: ColumnValues): Columns {
    const { version } = this.#options;
    const raised = version ? { [version]: Number(record[version] ?? 0) + 1 } : {};
    Object.assign(record, values, raised);
    return raised;
  }

  /** A value in a file's column that no field put there would be left out in silence. */
  #refuseBare(row: Row, values: ColumnValues): void {
    for (const column of this.#options.files) {
      const own = Object.getOwnPropertyDescriptor(row, column)?.value as unknown;
      if (own === undefined || own === null || own === '' || own === values[column]) continue;
      throw new FieldFileError(
        'invalid-argument',
        `${column} of the row is ${typeof own === 'string' ? JSON.stringify(own) : `a ${typeof own}`}, which no file field put there: ` +
          'assign a file through its field (adopt(name) for an object that is there), or write columns as they are by put().',
        { operation: 'insert', field: column },
      );
    }
  }

  /** The row's own columns, without those of files. */
  #columns(row: Row): Columns {
    const files: readonly string[] = this.#options.files;
    return Object.fromEntries(Object.entries(row).filter(([column]) => !files.includes(column)));
  }

  #id(key: object): string {
    return keyText(this.#options.key.map(column => Reflect.get(key, column)));
  }

  #names(field: string): { readonly key: RowKey; readonly name: string }[] {
    return [...this.#records.rows.values()].flatMap(record => {
      const name = record[field];
      if (typeof name !== 'string' || name === '') return [];
      return [{ key: Object.fromEntries(this.#options.key.map(column => [column, record[column]])), name }];
    });
  }
}

/** JSON has no form for a bigint. */
const keyText = (values: readonly unknown[]): string =>
  JSON.stringify(
    values.map(value => (typeof value === 'bigint' ? { bigint: String(value) } : (value ?? null))),
  );

const missing = (key: string): FieldFileError =>
  new FieldFileError('not-found', `There is no row ${key}: insert it first.`, { operation: 'find' });

const refused = (why: string, key: string): FieldFileError =>
  new FieldFileError('invalid-argument', `${why} (${key}): give it another.`, { operation: 'insert' });

function matches(record: Columns, expect: Columns): boolean {
  return Object.entries(expect).every(([column, value]) => record[column] === value);
}
