import { type Columns, exactly } from '@fieldfile/core/binding';
import type { SqlValue } from '@fieldfile/core/journal';
import { type Connection, dialectOf } from './client.ts';

/** As many rows as are locked by one statement. */
const CHUNK = 200;

/**
 * Locks rows where Prisma's own conditions are not enough: on MySQL it reads a row by its conditions, and writes it by its
 * key; and in a table that takes different texts for the same, names are to be compared by their bytes.
 *
 * @param table and `columnOf`: as they stand in SQL text.
 * @param rows what each must still have: its key, and columns.
 * @returns whether all of them have it.
 */
export async function lockIfUnchanged(
  connection: Connection,
  { table, columnOf }: { readonly table: string; columnOf(name: string): string },
  rows: readonly Columns[],
): Promise<boolean> {
  const dialect = dialectOf(connection.base);
  const lock = dialect === 'sqlite' ? '' : ' FOR UPDATE'; // SQLite has one writer
  for (let start = 0; start < rows.length; start += CHUNK) {
    const some = rows.slice(start, start + CHUNK);
    const parameters: unknown[] = [];
    const withPlaces = (texts: readonly string[], values: readonly unknown[]): string =>
      texts.reduce((text, next, index) => {
        parameters.push(values[index - 1]);
        return `${text}${dialect === 'postgresql' ? `$${parameters.length}` : '?'}${next}`;
      });
    const conditions = some.map(row =>
      Object.entries(row).map(([name, value]) => {
        const column = columnOf(name);
        if (value === null) return `${column} IS NULL`;
        const condition = exactly(dialect, column, value);
        return condition
          ? withPlaces(condition.texts, condition.values)
          : withPlaces([`${column} = `, ''], [value]);
      }),
    );
    const where = conditions.map(all => `(${all.join(' AND ')})`).join(' OR ');
    const sql = `SELECT 1 AS found FROM ${table} WHERE ${where}${lock}`;
    const { rows: found } = await connection.execute(sql, parameters as SqlValue[]);
    if (found.length < some.length) return false;
  }
  return true;
}

/**
 * Whether Prisma's own conditions find a row only as it was: the database locks by them, and no column of the table takes
 * different texts for the same.
 *
 * @param table as it stands in SQL text.
 */
export async function comparesExactly(connection: Connection, table: string): Promise<boolean> {
  const dialect = dialectOf(connection.base);
  if (dialect === 'mysql') return false;
  const { rows } =
    dialect === 'postgresql'
      ? await connection.execute(LOOSE_IN_POSTGRESQL, [table])
      : await connection.execute(LOOSE_IN_SQLITE, [table.slice(1, -1).replaceAll('""', '"')]);
  return rows.length === 0;
}

/** Columns with a collation that is not deterministic, or of a text type with an equality of its own, as `citext`. */
const LOOSE_IN_POSTGRESQL = `SELECT 1 AS found FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid
LEFT JOIN pg_collation ON pg_collation.oid = attcollation
WHERE attrelid = CAST(CAST($1 AS text) AS regclass) AND attnum > 0 AND NOT attisdropped AND (NOT collisdeterministic
  OR typcategory = 'S' AND typname NOT IN ('text', 'varchar', 'bpchar', 'name')) LIMIT 1`;

/** SQLite has no list of collations, but the statement that made the table. */
const LOOSE_IN_SQLITE = `SELECT 1 AS found FROM sqlite_schema WHERE name = ? AND sql LIKE '%collate%' LIMIT 1`;
