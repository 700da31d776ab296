import { FieldFileError } from '@fieldfile/storage';
import type { Columns, TableDriver } from './table-files.ts';

/** What a query builder does with one table on MySQL or MariaDB, where no statement gives back what it wrote. */
export interface WithoutReturning<Executor, Where>
  extends Pick<TableDriver<Executor, Where>, 'select' | 'matching'> {
  /** @returns the number that `AUTO_INCREMENT` gave to the row; 0 or undefined where it gave none. */
  insert(on: Executor, values: Columns): Promise<number | bigint | undefined>;
  remove(on: Executor, where: Where): Promise<unknown>;
}

/** As many rows as are removed by one statement. */
const CHUNK = 200;

/**
 * The statements of a {@link TableDriver} that need `RETURNING`, without it: a row that was inserted is read by its key,
 * and rows are locked and read before they are deleted by theirs.
 */
export function withoutReturning<Executor, Where>(
  { select, matching, insert, remove }: WithoutReturning<Executor, Where>,
  key: readonly string[],
): Pick<TableDriver<Executor, Where>, 'insert' | 'delete'> {
  return {
    async insert(on, values) {
      const missing = key.filter(column => values[column] === undefined || values[column] === null);
      if (missing.length > 1) throw keyUnknown(missing, false);
      const given = await insert(on, values);
      const number = typeof given === 'bigint' && given <= Number.MAX_SAFE_INTEGER ? Number(given) : given;
      const found = Object.fromEntries(key.map(column => [column, values[column] ?? number]));
      const [row] = missing.length === 0 || number ? await select(on, matching([found]), { limit: 1 }) : [];
      if (!row) throw keyUnknown(key, true);
      return row;
    },
    async delete(on, where, columns) {
      const rows = await select(on, where, { columns: [...new Set([...key, ...columns])], lock: true });
      for (let start = 0; start < rows.length; start += CHUNK) {
        const keys = rows
          .slice(start, start + CHUNK)
          .map(row => Object.fromEntries(key.map(column => [column, row[column]])));
        await remove(on, matching(keys));
      }
      return rows;
    },
  };
}

const keyUnknown = (columns: readonly string[], applied: boolean): FieldFileError =>
  new FieldFileError(
    'unsupported',
    `Nobody tells which ${columns.join(', ')} the row got, since this database returns nothing of it: give the key with ` +
      'the row, or have one AUTO_INCREMENT column.',
    { operation: 'insert', applied },
  );
