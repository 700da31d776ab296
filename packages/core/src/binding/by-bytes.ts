import type { SqlDialectName } from '../journal/dialect.ts';
import type { SqlExecutor } from '../journal/sql.ts';

/** A condition in pieces, as of a template literal: a value stands between each two of its texts. */
export interface Condition {
  readonly texts: readonly string[];
  readonly values: readonly string[];
}

/** What rows are ordered by: in pieces of text around the value that they are compared with. */
export interface Ordering {
  readonly ordered: string;
  readonly texts: readonly [string, string];
}

/** How a database compares texts by their bytes, whatever a column's own collation says. */
export interface ByBytes {
  /** @param column as it stands in SQL text. */
  isOneOf(column: string, names: readonly string[]): Condition;
  order(table: string, column: string, execute: SqlExecutor): Promise<Ordering>;
}

/**
 * How a database compares names by their bytes.
 *
 * @example
 * ```ts
 * import { byBytes } from '@fieldfile/core/binding';
 *
 * byBytes('postgresql').isOneOf('"avatar"', ['a.txt']); // { texts: ['"avatar" COLLATE "C" = ', ''], values: ['a.txt'] }
 * ```
 */
export function byBytes(dialect: SqlDialectName): ByBytes {
  if (dialect === 'mysql' || dialect === 'mariadb') return IN_MYSQL;
  // SQLite compares bytes unless the column says otherwise, PostgreSQL when it is told to.
  const collation = dialect === 'postgresql' ? ' COLLATE "C"' : ' COLLATE BINARY';
  return {
    isOneOf: (column, names) => amongThem(`${column}${collation}`, names),
    order: async (_, column) => ({ ordered: `${column}${collation}`, texts: ['', ''] }),
  };
}

/**
 * The condition that a column still has a value, where `=` would take another text for it. Undefined where `=` does.
 *
 * @param column as it stands in SQL text.
 */
export function exactly(dialect: SqlDialectName, column: string, value: unknown): Condition | undefined {
  if (typeof value !== 'string' || dialect === 'postgresql') return undefined;
  return byBytes(dialect).isOneOf(column, [value]);
}

/**
 * MySQL and MariaDB compare as the column's collation says, which most often takes `A.TXT` for `a.txt`. The index finds
 * what that finds, and of these the bytes decide. In whatever character set: `COLLATE` would need to know it.
 */
const IN_MYSQL: ByBytes = {
  isOneOf(column, names) {
    const found = amongThem(column, names);
    const exactly = amongThem(BYTES.join(column), names, BYTES);
    const [first = '', ...rest] = exactly.texts;
    const last = found.texts.at(-1) ?? '';
    return {
      texts: [...found.texts.slice(0, -1), `${last} AND ${first}`, ...rest],
      values: [...found.values, ...exactly.values],
    };
  },
  async order(table, column, execute) {
    const { rows } = await execute(`SELECT collation((SELECT ${column} FROM ${table} LIMIT 1)) AS found`, []);
    if (IN_ORDER.test(String(rows[0]?.found))) return { ordered: column, texts: ['', ''] };
    return { ordered: BYTES.join(column), texts: BYTES };
  },
};

const BYTES: readonly [string, string] = ['CAST(CONVERT(', ' USING utf8mb4) AS BINARY)'];

/** Collations that compare UTF-8 by bytes, trailing spaces included: their index has the order. */
const IN_ORDER = /^(binary|utf8mb[34]_(nopad_bin|0900_bin))$/;

/** `= value`, or `IN (value, value)`. */
function amongThem(
  compared: string,
  values: readonly string[],
  [before, after]: readonly [string, string] = ['', ''],
): Condition {
  const [opening, closing] = values.length === 1 ? ['=', ''] : ['IN (', ')'];
  const between = values.slice(1).map(() => `${after}, ${before}`);
  return { texts: [`${compared} ${opening} ${before}`, ...between, `${after}${closing}`], values };
}
