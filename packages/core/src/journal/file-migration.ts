import type { SqlDialectName } from './dialect.ts';
import { fileIndex, journalTable } from './journal-table.ts';

export interface FileMigrationOptions {
  readonly dialect: SqlDialectName;
  /** Makes the journal's table. Default: true but in SQLite, whose journal is a file of its own. */
  readonly journal?: boolean;
}

/**
 * The statements of a migration that makes the journal's table and indexes the file columns, which removals, `recover`
 * and `sweep` look names up in. What is there already is left alone (in MySQL the index must not be).
 *
 * @param columns table → its file columns, by their names in the database.
 * @throws `invalid-argument` for a table or column with other characters than letters, digits and `_`.
 *
 * @example
 * ```ts
 * import { fileMigration } from '@fieldfile/core/journal';
 *
 * declare const pool: { query(sql: string): Promise<unknown> };
 * for (const statement of fileMigration({ users: ['avatar'] }, { dialect: 'postgresql' })) await pool.query(statement);
 * ```
 */
export function fileMigration(
  columns: Readonly<Record<string, readonly string[]>>,
  { dialect, journal = dialect !== 'sqlite' }: FileMigrationOptions,
): readonly string[] {
  const indexes = Object.entries(columns).flatMap(([table, names]) =>
    names.map(name => fileIndex(dialect, table, name)),
  );
  return [...(journal ? journalTable(dialect) : []), ...indexes];
}
