import type { SqlDialectName } from './dialect.ts';
import { type FileColumn, fileColumn } from './file-column.ts';
import { fileIndex, journalTable } from './journal-table.ts';

export interface FileMigrationOptions {
  readonly dialect: SqlDialectName;
  /** Makes the journal's table. Default: true but in SQLite, whose journal is a file of its own. */
  readonly journal?: boolean;
}

/**
 * The statements of a migration that makes the journal's table and indexes the file columns, which removals, `recover`
 * and `sweep` look names up in. What is there already is left alone (in MySQL the index must not be, and neither there nor in
 * SQLite a column that is added).
 *
 * @param columns table → its file columns, by their names in the database. One that is to be added, or is to compare bytes
 * from now on, is a `FileColumn`.
 * @throws `invalid-argument` for a table or column with other characters than letters, digits and `_`, and for a length
 * that no index takes.
 *
 * @example
 * ```ts
 * import { fileMigration } from '@fieldfile/core/journal';
 *
 * declare const pool: { query(sql: string): Promise<unknown> };
 * for (const statement of fileMigration({ users: ['avatar'] }, { dialect: 'postgresql' })) await pool.query(statement);
 *
 * // a column that takes `A.TXT` for `a.txt` until now
 * const cover = { name: 'cover', change: 'compare-bytes', length: 200 } as const;
 * for (const statement of fileMigration({ books: [cover] }, { dialect: 'mariadb' })) await pool.query(statement);
 * ```
 */
export function fileMigration(
  columns: Readonly<Record<string, readonly (string | FileColumn)[]>>,
  { dialect, journal = dialect !== 'sqlite' }: FileMigrationOptions,
): readonly string[] {
  const statements = Object.entries(columns).flatMap(([table, all]) =>
    all.flatMap(column =>
      typeof column === 'string'
        ? [fileIndex(dialect, table, column)]
        : [...fileColumn(dialect, table, column), fileIndex(dialect, table, column.name)],
    ),
  );
  return [...(journal ? journalTable(dialect) : []), ...statements];
}
