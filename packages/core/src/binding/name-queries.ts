import type { RowKey } from '../field/row-key.ts';
import type { SqlDialectName } from '../journal/dialect.ts';
import { sqlDialect } from '../journal/dialect.ts';
import type { SqlExecutor } from '../journal/sql.ts';
import type { Binding } from './binding.ts';

/** A file column in SQL: identifiers as they stand in a statement, quoted and with their schema. */
export interface ColumnInSql {
  readonly table: string;
  readonly column: string;
  /** The key's columns, by the names that row objects have for them. */
  readonly key: Readonly<Record<string, string>>;
}

export interface NameQueriesOptions {
  readonly dialect: SqlDialectName;
  /** On the primary. */
  execute(): SqlExecutor;
  columnOf(field: string): ColumnInSql;
}

/** What a binding answers about names in file columns. */
export type NameQueries = Required<
  Pick<Binding<object>, 'isReferenced' | 'isAnyReferenced' | 'isShared' | 'names'>
>;

/**
 * What a binding answers about names in file columns, in SQL: compared and ordered by bytes, as the index of `fileIndex`
 * is.
 */
export function nameQueries(options: NameQueriesOptions): NameQueries {
  const { name, placeholder } = sqlDialect(options.dialect);
  const collation = COLLATIONS[name];
  const named = (field: string, first: number, count: number): string => {
    const { table, column } = options.columnOf(field);
    const values = Array.from({ length: count }, (_, index) => placeholder(first + index));
    const condition = count === 1 ? `= ${values[0]}` : `IN (${values.join(', ')})`;
    return `SELECT 1 AS found FROM ${table} WHERE ${column}${collation} ${condition}`;
  };
  const isAnyReferenced: NameQueries['isAnyReferenced'] = async (fields, names) => {
    const selects = fields.map((field, index) => named(field, index * names.length + 1, names.length));
    // Not one condition with OR: a column that has no index would have the others' passed over.
    const sql = `${selects.join(' UNION ALL ')} LIMIT 1`;
    return (
      (
        await options.execute()(
          sql,
          fields.flatMap(() => names),
        )
      ).rows.length > 0
    );
  };
  return {
    isReferenced: (fields, name, call) => isAnyReferenced(fields, [name], call),
    isAnyReferenced,
    async isShared(field, value) {
      return (await options.execute()(`${named(field, 1, 1)} LIMIT 2`, [value])).rows.length > 1;
    },
    async names(field, { after = '', limit }) {
      const { table, column, key } = options.columnOf(field);
      const ordered = `${column}${collation}`;
      const selected = Object.values(key).map((part, index) => `${part} AS key${index}`);
      const sql =
        `SELECT ${[...selected, `${column} AS name`]} FROM ${table} WHERE ${ordered} > ${placeholder(1)} ` +
        `ORDER BY ${ordered} LIMIT ${Number(limit)}`;
      const { rows } = await options.execute()(sql, [after]);
      return rows.map(row => ({ key: keyOf(Object.keys(key), row), name: row.name as string }));
    },
  };
}

const keyOf = (columns: readonly string[], row: Readonly<Record<string, unknown>>): RowKey =>
  Object.fromEntries(columns.map((column, index) => [column, row[`key${index}`]]));

/** SQLite compares bytes unless the column says otherwise, PostgreSQL and MySQL when they are told to. */
const COLLATIONS: Readonly<Record<SqlDialectName, string>> = {
  postgresql: ' COLLATE "C"',
  sqlite: ' COLLATE BINARY',
  mysql: ' COLLATE utf8mb4_bin',
  mariadb: ' COLLATE utf8mb4_bin',
};
