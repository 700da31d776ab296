import { FieldFileError, type WriteId } from '@fieldfile/storage';
import { whileDeadlocked } from '../binding/own-attempts.ts';
import type { SqlDialect } from './dialect.ts';
import type { EntryState, JournalEntry } from './journal.ts';
import type { SqlExecutor, SqlResult, SqlValue, SyncSqlExecutor } from './sql.ts';

/** Runs the journal's statements, written with `?`, in a database's own form. */
export class Statements {
  readonly dialect: SqlDialect;
  readonly #executor: SqlExecutor;

  constructor(dialect: SqlDialect, executor: SqlExecutor) {
    this.dialect = dialect;
    this.#executor = executor;
  }

  /** @param transaction where the statement belongs to one; else it commits by itself. */
  run(sql: string, parameters: readonly SqlValue[], transaction?: SqlExecutor): Promise<SqlResult> {
    const text = this.#placed(sql);
    if (transaction) return transaction(text, parameters);
    return whileDeadlocked(() => this.#executor(text, parameters));
  }

  /** As `write`, by what answers at once. */
  writeSync(sql: string, parameters: readonly SqlValue[], execute: SyncSqlExecutor): number {
    return execute(this.#placed(`${sql} RETURNING id`), parameters).rows.length;
  }

  /** Runs a writing statement. @returns how many rows it wrote. */
  async write(sql: string, parameters: readonly SqlValue[], transaction?: SqlExecutor): Promise<number> {
    if (this.dialect.returning)
      return (await this.run(`${sql} RETURNING id`, parameters, transaction)).rows.length;
    const { affectedRows } = await this.run(sql, parameters, transaction);
    if (affectedRows !== undefined) return affectedRows;
    throw new FieldFileError(
      'invalid-argument',
      `The SQL executor must give affectedRows on ${this.dialect.name}: nothing else tells whether a row was hit.`,
      { operation: 'journal' },
    );
  }

  #placed(sql: string): string {
    let index = 0;
    return sql.replaceAll('?', () => this.dialect.placeholder(++index));
  }
}

/** The columns of an entry, for SELECT and RETURNING. */
export const ENTRY =
  'id, kind, state, storage, object_name, old_name, old_version, model, field, row_key, attempts, last_error, due';

const COLUMNS: readonly string[] = ENTRY.split(', ');

/** When an entry that was set aside is due. */
export const NEVER: number = Number.MAX_SAFE_INTEGER;

/**
 * @throws `invalid-argument` for a row without these columns: an executor that renames them, as a plugin for camel case
 * does, would make an entry of nothing, and recovery would report what it never did.
 */
export function entryOf(row: Readonly<Record<string, unknown>>): JournalEntry {
  const missing = COLUMNS.filter(column => row[column] === undefined);
  if (missing.length > 0) throw renamed(missing);
  const text = (column: string): string | null => (row[column] as string | null | undefined) ?? null;
  return {
    id: row.id as WriteId,
    kind: row.kind as JournalEntry['kind'],
    state: row.state as EntryState,
    storage: row.storage as string,
    name: text('object_name'),
    oldName: text('old_name'),
    oldVersion: text('old_version') as JournalEntry['oldVersion'],
    model: row.model as string,
    field: row.field as string,
    key: text('row_key'),
    attempts: Number(row.attempts),
    lastError: text('last_error'),
    setAside: Number(row.due) === NEVER,
  };
}

const renamed = (columns: readonly string[]): FieldFileError =>
  new FieldFileError(
    'invalid-argument',
    `The SQL executor of the journal gives rows without ${columns.join(', ')}: it must give columns by the names that the ` +
      'database has, as a database object without plugins does.',
    { operation: 'journal' },
  );

export const list = (length: number): string => Array.from({ length }, () => '?').join(', ');
