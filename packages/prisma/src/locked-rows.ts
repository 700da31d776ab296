import { type Columns, exactly } from '@fieldfile/core/binding';
import type { SqlValue } from '@fieldfile/core/journal';
import { type Connection, dialectOf } from './client.ts';

/** As many rows as are locked by one statement. */
const CHUNK = 200;

/**
 * Locks rows, where Prisma's own update would not: on MySQL it reads a row by its conditions, and writes it by its key.
 * There, names are compared by their bytes, too.
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
  if (dialectOf(connection.base) !== 'mysql') return true;
  for (let start = 0; start < rows.length; start += CHUNK) {
    const some = rows.slice(start, start + CHUNK);
    const parameters: unknown[] = [];
    const conditions = some.map(row =>
      Object.entries(row).map(([name, value]) => {
        if (value === null) return `${columnOf(name)} IS NULL`;
        const { texts, values } = exactly('mysql', columnOf(name), value) ?? {
          texts: [`${columnOf(name)} = `, ''],
          values: [value],
        };
        parameters.push(...values);
        return texts.join('?');
      }),
    );
    const where = conditions.map(all => `(${all.join(' AND ')})`).join(' OR ');
    const sql = `SELECT 1 AS found FROM ${table} WHERE ${where} FOR UPDATE`;
    const { rows: found } = await connection.execute(sql, parameters as SqlValue[]);
    if (found.length < some.length) return false;
  }
  return true;
}
