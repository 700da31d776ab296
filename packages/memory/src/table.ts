import { AsyncLocalStorage } from 'node:async_hooks';
import { type AnyFileField, type RowKey, upload } from '@fieldfile/core';
import { type Binding, type ColumnValues, FileScope, rowChanges, rowRemoval } from '@fieldfile/core/binding';
import type { Journal } from '@fieldfile/core/journal';
import { compareUtf8 } from '@fieldfile/storage/backend';

type Columns = Record<string, unknown>;

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
  #records = new Map<string, Columns>();
  #generated = 0;
  readonly #scope = new AsyncLocalStorage<FileScope>();
  /** Settles when the running transaction has ended. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: MemoryTableOptions<Row>) {
    this.#options = options;
    this.binding = {
      key: row => this.#key(row),
      load: key => this.find(key),
      update: async (key, values, { expect, within }) => {
        await within?.(); // a row in memory has no transaction of its own: announced first, then done in one go
        return this.#run(() => this.#update(key, values, expect));
      },
      isReferenced: async (field, name) => this.#names(field).some(entry => entry.name === name),
      names: async (field, { after, limit }) =>
        this.#names(field)
          .filter(({ name }) => after === undefined || compareUtf8(name, after) > 0)
          .sort((one, other) => compareUtf8(one.name, other.name))
          .slice(0, limit),
      scope: () => this.#scope.getStore(),
      journal: options.journal,
      ...(options.maxLength !== undefined && { maxLength: () => options.maxLength }),
    };
  }

  /** A new object of the row, or undefined. */
  async find(key: RowKey): Promise<Row | undefined> {
    const record = this.#records.get(this.#id(key));
    return record && this.#hydrate(record);
  }

  /** @throws `Error` when there is no such row. */
  async get(key: RowKey): Promise<Row> {
    const row = await this.find(key);
    if (!row) throw new Error(`No row ${this.#id(key)}.`);
    return row;
  }

  /** New objects of all rows, in the order they were inserted. */
  async all(): Promise<Row[]> {
    return [...this.#records.values()].map(record => this.#hydrate(record));
  }

  /** Stores a new row, with what was assigned to its files. */
  insert(row: Row): Promise<void> {
    return this.#persist(row, () => {
      const { generated } = this.#options;
      if (generated && row[generated] === undefined) Reflect.set(row, generated, ++this.#generated);
      const key = this.#key(row);
      if (!key || this.#records.has(this.#id(key)))
        throw new Error('The row has no key, or one that is taken.');
      const empty = Object.fromEntries(this.#options.files.map(column => [column, null]));
      return { id: this.#id(key), before: empty };
    });
  }

  /** Writes a row's columns; those of files only where one was assigned. @throws `Error` when there is no such row. */
  update(row: Row): Promise<void> {
    return this.#persist(row, () => {
      const key = this.#key(row);
      const before = key && this.#records.get(this.#id(key));
      if (!key || !before) throw new Error('There is no such row.');
      return { id: this.#id(key), before };
    });
  }

  /** Writes columns as another client of a database would: nobody looks at files. */
  put(columns: Row): Promise<void> {
    return this.#run(() => {
      const { generated, key } = this.#options;
      if (generated && columns[generated] === undefined) Reflect.set(columns, generated, ++this.#generated);
      const id = JSON.stringify(key.map(column => columns[column]));
      this.#records.set(id, { ...this.#records.get(id), ...columns });
    });
  }

  /** Removes the row as another client would; its objects stay. */
  remove(key: RowKey): Promise<boolean> {
    return this.#run(() => this.#records.delete(this.#id(key)));
  }

  /** Removes rows, and the objects in these fields with them. @returns how many there were. */
  async delete(where: (row: Row) => boolean, fields: readonly AnyFileField[]): Promise<number> {
    return this.transaction(async () => {
      const rows = (await this.all()).filter(where);
      const removal = rowRemoval(fields, rows);
      for (const row of rows) await this.remove(this.#key(row) as RowKey);
      await removal.take();
      await removal.written(this.#scope.getStore());
      return rows.length;
    });
  }

  /**
   * Runs `work` in a transaction, or inside one in a savepoint: rolled back when it throws. Files follow the rows.
   *
   * @param options.attempts how often it is tried when it throws what asks for that (`code` 40001, as databases have it).
   */
  async transaction<T>(
    work: () => Promise<T>,
    { attempts = 1 }: { readonly attempts?: number } = {},
  ): Promise<T> {
    const outer = this.#scope.getStore();
    if (outer) return this.#level(outer.savepoint(), work, 1);
    const before = this.#turn;
    const turn = before.then(() => this.#level(new FileScope(), work, attempts));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #level<T>(scope: FileScope, work: () => Promise<T>, attempts: number): Promise<T> {
    const before = new Map([...this.#records].map(([id, record]) => [id, { ...record }]));
    try {
      const result = await this.#scope.run(scope, work);
      scope.throwIfRefused();
      await scope.end('committed');
      return result;
    } catch (error) {
      this.#records = before;
      if (attempts > 1 && (error as { readonly code?: unknown }).code === '40001') {
        await scope.rewind();
        return this.#level(scope, work, attempts - 1);
      }
      await scope.end('rolled-back');
      throw error;
    }
  }

  #hydrate(record: Columns): Row {
    return this.#options.hydrate ? this.#options.hydrate(record) : ({ ...record } as Row);
  }

  /** A statement: at once inside a transaction, else when the running one has ended. */
  async #run<T>(statement: () => T): Promise<T> {
    if (!this.#scope.getStore()) await this.#turn;
    return statement();
  }

  async #persist(row: Row, locate: () => { readonly id: string; readonly before: Columns }): Promise<void> {
    await upload(row);
    const changes = rowChanges(row);
    try {
      await changes.take();
      await this.#run(() => {
        const { id, before } = locate();
        if (!matches(before, changes.expect)) throw new Error('The row has another file meanwhile.');
        this.#records.set(id, { ...before, ...this.#columns(row), ...changes.values });
      });
    } catch (error) {
      await changes.failed();
      throw error;
    }
    await changes.written(this.#scope.getStore());
  }

  #update(key: RowKey, values: ColumnValues, expect: ColumnValues): Columns | undefined {
    const record = this.#records.get(this.#id(key));
    if (!record || !matches(record, expect)) return undefined;
    const { version } = this.#options;
    const raised = version ? { [version]: Number(record[version] ?? 0) + 1 } : {};
    Object.assign(record, values, raised);
    return raised;
  }

  /** The row's own columns, without those of files. */
  #columns(row: Row): Columns {
    const files: readonly string[] = this.#options.files;
    return Object.fromEntries(Object.entries(row).filter(([column]) => !files.includes(column)));
  }

  /** A loop, not a callback: a closure over the row may be kept by the engine, and the row with it. */
  #key(row: Row): RowKey | undefined {
    const key: Columns = {};
    for (const column of this.#options.key) {
      const value = row[column];
      if (value === undefined || value === null) return undefined;
      key[column] = value;
    }
    return key;
  }

  #id(key: RowKey): string {
    return JSON.stringify(this.#options.key.map(column => key[column]));
  }

  #names(field: string): { readonly key: RowKey; readonly name: string }[] {
    return [...this.#records.values()].flatMap(record => {
      const name = record[field];
      if (typeof name !== 'string' || name === '') return [];
      return [{ key: Object.fromEntries(this.#options.key.map(column => [column, record[column]])), name }];
    });
  }
}

function matches(record: Columns, expect: ColumnValues): boolean {
  return Object.entries(expect).every(([column, value]) => record[column] === value);
}
