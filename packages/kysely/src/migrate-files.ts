import { fileIndex, journalTable } from '@fieldfile/core/journal';
import { CompiledQuery, type Kysely } from 'kysely';

export interface MigrateFilesOptions {
  readonly dialect: 'postgresql' | 'sqlite';
  /** Makes the journal's table. Default: true in PostgreSQL; SQLite's journal is a file of its own. */
  readonly journal?: boolean;
}

/**
 * Makes the journal's table, and indexes the file columns, which removals and `sweep` look names up in: in a migration.
 * What is there already is left alone.
 *
 * @param columns table → its file columns, by their names in the database.
 *
 * @example
 * ```ts
 * import { migrateFiles } from '@fieldfile/kysely';
 * import type { Kysely } from 'kysely';
 *
 * export async function up(db: Kysely<unknown>): Promise<void> {
 *   await migrateFiles(db, { users: ['avatar'] }, { dialect: 'postgresql' });
 * }
 * ```
 */
export async function migrateFiles<DB>(
  db: Kysely<DB>,
  columns: Readonly<Record<string, readonly string[]>>,
  { dialect, journal = dialect === 'postgresql' }: MigrateFilesOptions,
): Promise<void> {
  const indexes = Object.entries(columns).flatMap(([table, names]) =>
    names.map(name => fileIndex(dialect, table, name)),
  );
  for (const statement of [...(journal ? journalTable(dialect) : []), ...indexes])
    await db.executeQuery(CompiledQuery.raw(statement));
}
