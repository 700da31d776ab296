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
  /**
   * A query with a row for each row of the table that has one of the names, up to `most` for each name. It reads the index
   * of `fileIndex` once for each name, and nothing else.
   */
  find(table: string, column: string, names: readonly string[], most: number): Condition;
  /** As `find`, but for names that the column's character set does not have. Left out where there is only one set. */
  readonly foreign?: {
    /** Whether `find` failed because of such a name. */
    isMet(error: unknown): boolean;
    find: ByBytes['find'];
  };
  order(table: string, column: string, execute: SqlExecutor): Promise<Ordering>;
}

/**
 * How a database compares names by their bytes.
 *
 * @example
 * ```ts
 * import { byBytes } from '@fieldfile/core/binding';
 *
 * byBytes('sqlite').isOneOf('"avatar"', ['a.txt']); // { texts: ['"avatar" COLLATE BINARY = ', ''], values: ['a.txt'] }
 * ```
 */
export function byBytes(dialect: SqlDialectName): ByBytes {
  if (dialect === 'mysql' || dialect === 'mariadb') return IN_MYSQL;
  return dialect === 'postgresql' ? IN_POSTGRESQL : IN_SQLITE;
}

/**
 * The condition that a column still has a text, whatever the column's own equality takes for the same. Undefined for other
 * values, of which `=` is enough.
 *
 * @param column as it stands in SQL text.
 */
export function exactly(dialect: SqlDialectName, column: string, value: unknown): Condition | undefined {
  if (typeof value !== 'string') return undefined;
  if (dialect !== 'postgresql') return byBytes(dialect).isOneOf(column, [value]);
  // As it is shown: `CAST` would take the spaces that pad a `char(n)`. Of null it makes an empty text.
  return { texts: [`${column} IS NOT NULL AND concat(${column}) COLLATE "C" = `, ''], values: [value] };
}

/** SQLite compares bytes unless the column says otherwise. */
const IN_SQLITE: ByBytes = {
  isOneOf: (column, names) => amongThem(`${column} COLLATE BINARY`, names),
  find: (table, column, names) => finding(table, IN_SQLITE.isOneOf(column, names)),
  order: async (_, column) => ({ ordered: `${column} COLLATE BINARY`, texts: ['', ''] }),
};

/** Text has an order of bytes. A type of its own, as `citext`, has none. */
const inPostgresql = (column: string): string => `CAST(${column} AS text) COLLATE "C"`;

const IN_POSTGRESQL: ByBytes = {
  isOneOf: (column, names) => amongThem(inPostgresql(column), names),
  /**
   * With `=` and `LIMIT` PostgreSQL prefers to read the table where it expects many such rows: before the first ANALYZE, or
   * where most rows have no file and a statement is prepared for any name. An order that no other plan has without sorting
   * leaves the index.
   */
  find(table, column, names, most) {
    const compared = inPostgresql(column);
    return {
      texts: [
        'SELECT 1 AS found FROM unnest(ARRAY[CAST(',
        ...names.slice(1).map(() => ' AS text), CAST('),
        ` AS text)]) AS asked (name) CROSS JOIN LATERAL (SELECT 1 FROM ${table} WHERE ${compared} >= asked.name ` +
          `AND ${compared} <= asked.name ORDER BY ${compared} LIMIT ${most}) AS named`,
      ],
      values: names,
    };
  },
  order: async (_, column) => ({ ordered: inPostgresql(column), texts: ['', ''] }),
};

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
  find: (table, column, names) => finding(table, IN_MYSQL.isOneOf(column, names)),
  foreign: {
    isMet: isMixOfCollations,
    find: (table, column, names) => finding(table, amongThem(BYTES.join(column), names, BYTES)),
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

const finding = (table: string, { texts: [first = '', ...rest], values }: Condition): Condition => ({
  texts: [`SELECT 1 AS found FROM ${table} WHERE ${first}`, ...rest],
  values,
});

/** MySQL's and MariaDB's 1267, as drivers and libraries pass it on. */
function isMixOfCollations(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { errno, code } = cause as { readonly errno?: unknown; readonly code?: unknown };
    if (errno === 1267 || code === 'ER_CANT_AGGREGATE_2COLLATIONS') return true;
    if (/\b1267\b|illegal mix of collations/i.test(cause.message)) return true;
  }
  return false;
}
