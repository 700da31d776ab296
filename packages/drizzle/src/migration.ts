import { fileIndex, journalTable } from '@fieldfile/core/journal';

export interface FileMigrationOptions {
  readonly dialect: 'postgresql' | 'sqlite';
  /** Makes the journal's table. Default: true in PostgreSQL; SQLite's journal is a file of its own. */
  readonly journal?: boolean;
}

/**
 * The SQL that makes the journal's table and indexes the file columns, which removals and `sweep` look names up in: for
 * a migration made by `drizzle-kit generate --custom`. Give drizzle-kit `tablesFilter: ['!fieldfile_journal']`, or
 * `push` offers to drop the table.
 *
 * @param columns table → its file columns, by their names in the database.
 *
 * @example
 * ```ts
 * import { fileMigration } from '@fieldfile/drizzle';
 *
 * console.log(fileMigration({ users: ['avatar'] }, { dialect: 'postgresql' }));
 * ```
 */
export function fileMigration(
  columns: Readonly<Record<string, readonly string[]>>,
  { dialect, journal = dialect === 'postgresql' }: FileMigrationOptions,
): string {
  const indexes = Object.entries(columns).flatMap(([table, names]) =>
    names.map(name => fileIndex(dialect, table, name)),
  );
  const statements = [...(journal ? journalTable(dialect) : []), ...indexes];
  return statements.map(statement => `${statement};`).join('\n--> statement-breakpoint\n');
}
