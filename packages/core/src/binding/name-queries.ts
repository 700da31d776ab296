import type { RowKey } from '../field/row-key.ts';
import { type SqlDialectName, sqlDialect } from '../journal/dialect.ts';
import type { SqlExecutor, SqlResult } from '../journal/sql.ts';
import type { Binding } from './binding.ts';
import { byBytes } from './by-bytes.ts';

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
  const { placeholder } = sqlDialect(options.dialect);
  const bytes = byBytes(options.dialect);
  const run = async (sql: string, parameters: readonly string[]): Promise<SqlResult['rows']> =>
    (await options.execute()(sql, parameters)).rows;
  const named = (field: string, names: readonly string[], parameters: string[]): string => {
    const { table, column } = options.columnOf(field);
    const { texts, values } = bytes.isOneOf(column, names);
    const [first, ...rest] = texts;
    const condition = rest.map((text, index) => `${placeholder(parameters.length + index + 1)}${text}`);
    parameters.push(...values);
    return `SELECT 1 AS found FROM ${table} WHERE ${first}${condition.join('')}`;
  };
  const isAnyReferenced: NameQueries['isAnyReferenced'] = async (fields, names) => {
    const parameters: string[] = [];
    // Not one condition with OR: a column that has no index would have the others' passed over.
    const selects = fields.map(field => named(field, names, parameters));
    return (await run(`${selects.join(' UNION ALL ')} LIMIT 1`, parameters)).length > 0;
  };
  return {
    isReferenced: (fields, name, call) => isAnyReferenced(fields, [name], call),
    isAnyReferenced,
    async isShared(field, value) {
      const parameters: string[] = [];
      const select = named(field, [value], parameters);
      return (await run(`${select} LIMIT 2`, parameters)).length > 1;
    },
    async names(field, { after = '', limit }) {
      const { table, column, key } = options.columnOf(field);
      const { ordered, texts } = await bytes.order(table, column, options.execute());
      const selected = Object.values(key).map((part, index) => `${part} AS key${index}`);
      const sql =
        `SELECT ${[...selected, `${column} AS name`]} FROM ${table} WHERE ${ordered} > ${texts.join(placeholder(1))} ` +
        `ORDER BY ${ordered} LIMIT ${Number(limit)}`;
      const rows = await run(sql, [after]);
      return rows.map(row => ({ key: keyOf(Object.keys(key), row), name: row.name as string }));
    },
  };
}

const keyOf = (columns: readonly string[], row: Readonly<Record<string, unknown>>): RowKey =>
  Object.fromEntries(columns.map((column, index) => [column, row[`key${index}`]]));
