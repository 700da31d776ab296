import type { RowKey } from '../field/row-key.ts';
import { type SqlDialectName, sqlDialect } from '../journal/dialect.ts';
import type { SqlExecutor, SqlResult } from '../journal/sql.ts';
import type { Binding } from './binding.ts';
import { type ByBytes, byBytes } from './by-bytes.ts';

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
  /** Rows that have one of the names. Not one condition with OR: a column that has no index would have the others' passed over. */
  const found = (
    find: ByBytes['find'],
    fields: readonly string[],
    names: readonly string[],
    most: number,
  ): Promise<SqlResult['rows']> => {
    const parameters: string[] = [];
    const selects = fields.map(field => {
      const { table, column } = options.columnOf(field);
      const { texts, values } = find(table, column, names, most);
      const [first = '', ...rest] = texts;
      const before = parameters.length;
      parameters.push(...values);
      return first + rest.map((text, index) => `${placeholder(before + index + 1)}${text}`).join('');
    });
    return run(`${selects.join(' UNION ALL ')} LIMIT ${most}`, parameters);
  };
  const count = async (
    fields: readonly string[],
    names: readonly string[],
    most: number,
  ): Promise<number> => {
    const { find, foreign } = bytes;
    try {
      return (await found(find, fields, names, most)).length;
    } catch (error) {
      if (!foreign?.isMet(error)) throw error;
    }
    if (fields.length === 1) return (await found(foreign.find, fields, names, most)).length;
    for (const field of fields) {
      const rows = await count([field], names, most);
      if (rows > 0) return rows;
    }
    return 0;
  };
  const isAnyReferenced: NameQueries['isAnyReferenced'] = async (fields, names) =>
    (await count(fields, names, 1)) > 0;
  return {
    isReferenced: (fields, name, call) => isAnyReferenced(fields, [name], call),
    isAnyReferenced,
    isShared: async (field, value) => (await count([field], [value], 2)) > 1,
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
