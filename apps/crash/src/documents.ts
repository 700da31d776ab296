import { type Declared, defineFiles, type Inspect, model, type RowKey, type Storage } from '@fieldfile/core';
import {
  type Binding,
  type ColumnValues,
  nameQueries,
  savepoint,
  savepointAnchor,
  TableDatabase,
} from '@fieldfile/core/binding';
import { fileIndex, type Journal, type SqlExecutor, type SqlValue } from '@fieldfile/core/journal';
import { isRefused } from './content.ts';
import type { Database } from './database.ts';
import type { Step } from './steps.ts';

export interface DocumentRow {
  id: string;
  file: string | null;
  digest: string | null;
  size: number | null;
  /** Raised by every change. */
  version: number;
}

/** The statements that make the table. */
export function documentsTable({ dialect }: Database): readonly string[] {
  const [id, file] =
    dialect === 'mariadb' ? ['varchar(64)', 'varchar(255) COLLATE utf8mb4_nopad_bin'] : ['text', 'text'];
  return [
    `CREATE TABLE documents (id ${id} PRIMARY KEY, file ${file}, digest text, size integer, version integer NOT NULL)`,
    fileIndex(dialect, 'documents', 'file'),
  ];
}

const CLAIMS_KEY = 'a key of claims that all processes have';

/** What an update by key writes, and what its row must have. */
export interface RowStatement {
  readonly values: ColumnValues;
  readonly expect: ColumnValues;
}

export interface DocumentsOptions {
  readonly database: Database;
  readonly journal: Journal | undefined;
  readonly storage: Storage;
  /** What is written and expected instead, for a lifecycle with a mistake. */
  readonly statement?: ((statement: RowStatement) => RowStatement) | undefined;
  /** Whether content is inspected; `'blind'` lets everything through, for a lifecycle with a mistake. Default: `'no'`. */
  readonly inspects?: 'no' | 'yes' | 'blind';
  /** Told of the table's part of a change's steps. */
  readonly reached?: (step: Step) => void;
}

/** Rows with one file each, by plain SQL. */
export class Documents {
  readonly files: Declared<DocumentRow, 'id', 'file'>;
  readonly #database: Database;
  readonly #rows: TableDatabase<SqlExecutor>;
  readonly #reached: (step: Step) => void;

  constructor({
    database,
    journal,
    storage,
    statement = one => one,
    inspects = 'no',
    reached = () => {},
  }: DocumentsOptions) {
    this.#database = database;
    this.#reached = reached;
    this.#rows = new TableDatabase<SqlExecutor>({
      executor: database.execute,
      begin: async work => {
        const result = await database.transaction(work);
        reached('after commit');
        return result;
      },
      savepoint: outer => savepoint(outer, sql => sql),
      execute: sql => sql,
      journal,
      siblingWaitSeconds: undefined,
      anchor: savepointAnchor(database.dialect, sql => sql),
    });
    const binding: Binding<DocumentRow> = {
      key: ({ id }) => ({ id }),
      load: ({ id }) => this.find(String(id)),
      update: (key, values, { expect, within }) =>
        this.#rows.atomically(async sql => {
          const asked = statement({ values, expect });
          const cameBack = await this.#update(sql, key, asked.values, asked.expect);
          if (cameBack) await within?.(sql);
          return cameBack;
        }),
      ...nameQueries({
        dialect: database.dialect,
        execute: () => database.execute,
        columnOf: field => ({ table: 'documents', column: field, key: { id: 'id' } }),
      }),
      scope: () => this.#rows.scope,
      journal,
    };
    this.files = defineFiles(
      model<DocumentRow>()('document', 'id'),
      {
        file: {
          storage,
          columns: { digest: 'digest', size: 'size' },
          claims: { signingKey: CLAIMS_KEY },
          ...(inspects === 'no' ? {} : { inspect: inspector(inspects === 'blind', reached) }),
        },
      },
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
    await this.#rows.write([row], async (sql, { changes: [changes] }) => {
      const { file, digest, size } = { ...row, ...changes?.values };
      await sql('INSERT INTO documents (id, file, digest, size, version) VALUES (?, ?, ?, ?, ?)', [
        row.id,
        file,
        digest,
        size,
        row.version,
      ]);
      this.#reached('after row write');
    });
  }

  /** Stores what was assigned and writes it, if the row still has the file it had. */
  async update(row: DocumentRow): Promise<void> {
    await this.#rows.write([row], async (sql, { changes: [changes] }) => {
      const cameBack = await this.#update(sql, { id: row.id }, changes?.values ?? {}, changes?.expect ?? {});
      if (!cameBack) throw new Error('The row has another file meanwhile.');
      Object.assign(row, cameBack);
    });
  }

  /** Deletes the row and, after the commit, its object. @returns false when there was none. */
  remove(id: string): Promise<boolean> {
    return this.#rows.write([], async (sql, { removed }) => {
      const { rows } = await sql('DELETE FROM documents WHERE id = ? RETURNING *', [id]);
      removed([this.files.file], rows);
      this.#reached('after row write');
      return rows.length > 0;
    });
  }

  /** Runs `work` in a transaction, or inside one in a savepoint; files follow the rows. */
  transaction<T>(work: () => Promise<T>): Promise<T> {
    return this.#rows.transaction(work);
  }

  /** Has the database end the transaction at hand by itself. Rejects with its error. */
  deadlock(): Promise<void> {
    return this.#rows.statement(async sql => this.#database.deadlock?.(sql));
  }

  /** Whether the server was started again since then, by the clock of `performance`. */
  async wasRestarted(sinceMs: number): Promise<boolean> {
    const uptimeSeconds = await this.#database.uptimeSeconds?.();
    return uptimeSeconds !== undefined && uptimeSeconds * 1000 <= performance.now() - sinceMs;
  }

  async #update(
    sql: SqlExecutor,
    key: RowKey,
    values: ColumnValues,
    expect: ColumnValues,
  ): Promise<Readonly<Record<string, unknown>> | undefined> {
    const inMySql = this.#database.dialect === 'mariadb'; // it returns nothing of what it updates
    const same = inMySql ? '<=>' : 'IS NOT DISTINCT FROM';
    const columns = Object.keys(values).map(column => `${column} = ?, `);
    const still = Object.keys(expect).map(column => ` AND ${column} ${same} ?`);
    const update = `UPDATE documents SET ${columns.join('')}version = version + 1 WHERE id = ?${still.join('')}`;
    const id = String(key.id);
    const parameters = [...Object.values(values), id, ...(Object.values(expect) as SqlValue[])];
    const written = await sql(inMySql ? update : `${update} RETURNING version`, parameters);
    const hit = inMySql ? Number(written.affectedRows) > 0 : written.rows.length > 0;
    if (!hit) return undefined;
    this.#reached('after row write');
    return inMySql
      ? (await sql('SELECT version FROM documents WHERE id = ?', [id])).rows[0]
      : written.rows[0];
  }
}

/** Reads all of it, and decides at the end by how it began. */
const inspector =
  (isBlind: boolean, reached: (step: Step) => void): Inspect =>
  async content => {
    let beginning: Uint8Array | undefined;
    for await (const chunk of content) beginning ??= chunk;
    reached('before verdict');
    return !isBlind && beginning && isRefused(beginning) ? 'It is of the kind that is refused.' : undefined;
  };
