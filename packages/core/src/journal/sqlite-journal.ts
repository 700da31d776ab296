import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { journalTable } from './journal-table.ts';
import { ProcessLock } from './process-lock.ts';
import type { SyncSqlExecutor } from './sql.ts';
import { SqlJournal } from './sql-journal.ts';
import type { SqlJournalOptions } from './sql-journal-options.ts';

export interface SqliteJournalOptions extends Pick<SqlJournalOptions, 'keepRemovedSeconds' | 'application'> {
  /** How long a statement waits for another process's, in milliseconds. Default: 10,000. */
  readonly busyTimeoutMs?: number;
}

/**
 * A journal in an SQLite file of its own, beside rows in any database: in another SQLite file, which has one writer
 * only, in memory, or where no table may be added. Rows and entries are not committed together here, so after a crash
 * the rows tell which of the two objects stays.
 *
 * Processes are told apart by locks on files beside it: on one host, on a local disk. An entry of a living process is
 * left alone, however long that is stopped.
 *
 * @throws what opening the file throws.
 *
 * @example
 * ```ts
 * import { recover } from '@fieldfile/core/journal';
 * import { SqliteJournal } from '@fieldfile/core/node';
 *
 * export const journal = new SqliteJournal('data/files.journal');
 * await recover(journal);
 * ```
 */
export class SqliteJournal extends SqlJournal implements Disposable {
  readonly #database: DatabaseSync;
  readonly #lock: ProcessLock;

  constructor(path: string, options: SqliteJournalOptions = {}) {
    const { busyTimeoutMs = 10_000, ...rest } = options;
    const file = resolve(path);
    mkdirSync(dirname(file), { recursive: true });
    const database = new DatabaseSync(file, { timeout: busyTimeoutMs });
    // An entry must survive a power cut before the first byte of its object is written.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    for (const statement of journalTable('sqlite')) database.exec(statement);
    const lock = new ProcessLock(`${file}-process`);
    const execute = executor(database);
    super(
      { ...rest, dialect: 'sqlite', execute: async (...statement) => execute(...statement), leaseSeconds: 0 },
      lock,
      execute,
    );
    this.#database = database;
    this.#lock = lock;
  }

  /** What is not finished now is finished by the next `recover`. */
  close(): void {
    this.#lock.release();
    this.#database.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function executor(database: DatabaseSync): SyncSqlExecutor {
  const prepared = new Map<string, StatementSync>();
  return (sql, parameters) => {
    let statement = prepared.get(sql);
    if (!statement) {
      statement = database.prepare(sql);
      prepared.set(sql, statement);
    }
    if (!sql.startsWith('DELETE')) return { rows: statement.all(...parameters) };
    // An entry that a power cut brings back is ended once more, as one of which the process died before it ended it.
    database.exec('PRAGMA synchronous = NORMAL');
    try {
      return { rows: statement.all(...parameters) };
    } finally {
      database.exec('PRAGMA synchronous = FULL');
    }
  };
}
