import { type Declared, defineFiles, model, type RowKey, type Storage, upload } from '@fieldfile/core';
import { type Binding, type ColumnValues, FileScope, rowChanges, rowRemoval } from '@fieldfile/core/binding';
import { fileIndex, type Journal, type SqlExecutor, type SqlValue } from '@fieldfile/core/journal';
import { CommitFailed, type Database } from './database.ts';
import type { Step } from './steps.ts';

export interface DocumentRow {
  id: string;
  file: string | null;
  digest: string | null;
  /** Raised by every change. */
  version: number;
}

/** The statements that make the table. */
export const documentsTable = (database: Database): readonly string[] => [
  'CREATE TABLE documents (id text PRIMARY KEY, file text, digest text, version integer NOT NULL)',
  fileIndex(database.dialect, 'documents', 'file'),
];

export interface DocumentsOptions {
  readonly database: Database;
  readonly journal: Journal | undefined;
  readonly storage: Storage;
  /** Told of the table's part of a change's steps. */
  readonly reached?: (step: Step) => void;
}

/** Rows with one file each, by plain SQL: one transaction at a time. */
export class Documents {
  readonly files: Declared<DocumentRow, 'id', 'file'>;
  readonly #database: Database;
  readonly #reached: (step: Step) => void;
  #open: { readonly sql: SqlExecutor; readonly scope: FileScope } | undefined;

  constructor({ database, journal, storage, reached = () => {} }: DocumentsOptions) {
    this.#database = database;
    this.#reached = reached;
    const binding: Binding<DocumentRow> = {
      key: ({ id }) => ({ id }),
      load: ({ id }) => this.find(String(id)),
      update: (key, values, { expect, within }) =>
        this.#within(async sql => {
          const cameBack = await this.#update(sql, key, values, expect);
          if (!cameBack) return undefined;
          this.#reached('after row write');
          await within?.(sql);
          return cameBack;
        }),
      isReferenced: async (field, name) => {
        const found = `SELECT id FROM documents WHERE ${field} = ? LIMIT 1`;
        return (await database.execute(found, [name])).rows.length > 0;
      },
      names: async () => [],
      scope: () => this.#open?.scope,
      journal,
    };
    this.files = defineFiles(
      model<DocumentRow>()('document', 'id'),
      { file: { storage, columns: { digest: 'digest' } } },
      binding,
    );
  }

  async find(id: string): Promise<DocumentRow | undefined> {
    const { rows } = await this.#database.execute('SELECT * FROM documents WHERE id = ?', [id]);
    return rows[0] as DocumentRow | undefined;
  }

  async all(): Promise<readonly DocumentRow[]> {
    const { rows } = await this.#database.execute('SELECT * FROM documents ORDER BY id', []);
    return rows as readonly object[] as readonly DocumentRow[];
  }

  /** Stores what was assigned, then inserts the row. */
  async insert(row: DocumentRow): Promise<void> {
    await upload(row);
    await this.#persist(row, async sql => {
      const { file, digest } = { ...row, ...rowChanges(row).values };
      await sql('INSERT INTO documents (id, file, digest, version) VALUES (?, ?, ?, ?)', [
        row.id,
        file,
        digest,
        row.version,
      ]);
    });
  }

  /** Writes what was assigned and stored by `upload(row)`, if the row still has the file it had. */
  async update(row: DocumentRow, expect: string | null): Promise<void> {
    await this.#persist(row, async sql => {
      const { values } = rowChanges(row);
      const cameBack = await this.#update(sql, { id: row.id }, values, { file: expect });
      if (!cameBack) throw new Error('The row has another file meanwhile.');
      Object.assign(row, cameBack);
    });
  }

  /** Deletes the row and, after the commit, its object. @returns false when there was none. */
  async remove(id: string): Promise<boolean> {
    return this.transaction(async () => {
      const { sql, scope } = this.#opened();
      const gone = (await sql('DELETE FROM documents WHERE id = ? RETURNING *', [id])).rows;
      const removal = rowRemoval([this.files.file], gone);
      this.#reached('after row write');
      await removal.take(sql);
      await removal.written(scope);
      return gone.length > 0;
    });
  }

  /** Runs `work` in a transaction; files follow the rows. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    const scope = new FileScope();
    let result: T;
    try {
      result = await this.#database.transaction(async sql => {
        this.#open = { sql, scope };
        try {
          const result = await work();
          scope.throwIfRefused();
          return result;
        } finally {
          this.#open = undefined;
        }
      });
    } catch (error) {
      await scope.end(error instanceof CommitFailed ? 'unknown' : 'rolled-back');
      throw error;
    }
    this.#reached('after commit');
    await scope.end('committed');
    return result;
  }

  /** Runs `work` in a savepoint of the open transaction, and rolls that back. */
  async rolledBackSavepoint(work: () => Promise<void>): Promise<void> {
    const { sql, scope } = this.#opened();
    const inner = scope.savepoint();
    await sql('SAVEPOINT inner_work', []);
    this.#open = { sql, scope: inner };
    try {
      await work();
    } finally {
      this.#open = { sql, scope };
      await sql('ROLLBACK TO SAVEPOINT inner_work', []);
      await inner.end('rolled-back');
    }
  }

  async #persist(row: DocumentRow, write: (sql: SqlExecutor) => Promise<void>): Promise<void> {
    const changes = rowChanges(row);
    try {
      await this.#database.transaction(async sql => {
        await write(sql);
        this.#reached('after row write');
        await changes.take(sql);
      });
    } catch (error) {
      await changes.failed();
      throw error;
    }
    this.#reached('after commit');
    await changes.written(undefined);
  }

  async #within<T>(work: (sql: SqlExecutor) => Promise<T>): Promise<T> {
    if (this.#open) return work(this.#open.sql);
    const result = await this.#database.transaction(work);
    this.#reached('after commit');
    return result;
  }

  async #update(
    sql: SqlExecutor,
    key: RowKey,
    values: ColumnValues,
    expect: ColumnValues,
  ): Promise<Readonly<Record<string, unknown>> | undefined> {
    const columns = Object.keys(values).map(column => `${column} = ?, `);
    const same = Object.keys(expect).map(column => ` AND ${column} IS NOT DISTINCT FROM ?`);
    const { rows } = await sql(
      `UPDATE documents SET ${columns.join('')}version = version + 1 WHERE id = ?${same.join('')} RETURNING version`,
      [...Object.values(values), String(key.id), ...(Object.values(expect) as SqlValue[])],
    );
    return rows[0];
  }

  #opened(): { readonly sql: SqlExecutor; readonly scope: FileScope } {
    if (this.#open) return this.#open;
    throw new Error('No transaction is open.');
  }
}
