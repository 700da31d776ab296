import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { RowKey } from '@fieldfile/core';
import type { Binding } from '@fieldfile/core/binding';

/**
 * Tells FieldFile how rows of one SQLite table are found and updated: all that a {@link Binding} needs where a program
 * writes its own SQL. Every update is a transaction of its own; a program with transactions gives a `scope` as well.
 *
 * `isReferenced` and `names` want an index on every file column.
 */
export function sqlBinding<Row extends object>(
  database: DatabaseSync,
  table: string,
  keyColumns: readonly (keyof Row & string)[],
): Binding<Row> {
  const query = (sql: string, values: readonly unknown[]): Record<string, unknown>[] =>
    database.prepare(sql).all(...(values as SQLInputValue[]));

  return {
    key(row) {
      const key: Record<string, unknown> = {};
      for (const column of keyColumns) {
        const value = row[column];
        if (value === undefined || value === null) return undefined; // not inserted yet
        key[column] = value;
      }
      return key;
    },

    async load(key) {
      const [row] = query(`SELECT * FROM ${quote(table)} WHERE ${matching(key)}`, Object.values(key));
      return row as Row | undefined;
    },

    // Compare-and-set in one statement: nothing can change the row between the comparison and the update.
    async update(key, values, { expect, within }) {
      await within?.(); // a journal is apart from the rows here: told first, since the statement commits at once
      const updated = query(
        `UPDATE ${quote(table)} SET ${assigning(values)} WHERE ${matching(key)} AND ${matching(expect)} RETURNING 1`,
        [values, key, expect].flatMap(columns => Object.values(columns)),
      );
      return updated.length > 0 ? {} : undefined;
    },

    async isReferenced(fields, name) {
      const named = fields.map(field => `SELECT 1 FROM ${quote(table)} WHERE ${quote(field)} = ?`);
      return query(`${named.join(' UNION ALL ')} LIMIT 1`, Array(fields.length).fill(name)).length > 0;
    },

    // SQLite compares text by its UTF-8 bytes, which is the order asked for.
    async names(field, { after = '', limit }) {
      const found = query(
        `SELECT * FROM ${quote(table)} WHERE ${quote(field)} > ? ORDER BY ${quote(field)} LIMIT ?`,
        [after, limit],
      );
      return found.map(row => ({
        key: Object.fromEntries(keyColumns.map(column => [column, row[column]])),
        name: String(row[field]),
      }));
    },
  };
}

const quote = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`;

const assigning = (columns: RowKey): string =>
  Object.keys(columns)
    .map(column => `${quote(column)} = ?`)
    .join(', ');

/** `IS`, unlike `=`, also holds between two nulls. */
const matching = (columns: RowKey): string =>
  Object.keys(columns)
    .map(column => `${quote(column)} IS ?`)
    .join(' AND ');
