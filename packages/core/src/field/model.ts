import type { Binding } from '../binding/binding.ts';
import type { RowKey } from './row-key.ts';

/** What core knows of a model: its name, how its rows are keyed and persisted, and where their columns are. */
export interface ModelInfo<Row extends object = object> {
  readonly name: string;
  readonly binding: Binding<Row> | undefined;
  /** Undefined: not inserted yet. */
  key(row: Row): RowKey | undefined;
  /** The key's columns, as far as they are known: for a key that was given from outside, where that decides. */
  keyColumns(given?: unknown): readonly string[] | undefined;
  /** Rows have accessors over the column (classes), or the column itself (plain rows). */
  readonly accessors: boolean;
}

export type ClassOf<Row extends object> = abstract new (...args: never[]) => Row;

declare const row: unique symbol;

/** A token for plain rows, made by {@link model}. */
export interface Model<Row extends object, Key extends keyof Row> {
  readonly name: string;
  readonly key: readonly Key[];
  readonly [row]?: Row;
}

/**
 * Names a table whose rows are plain objects, and the columns of its primary key.
 *
 * @example
 * ```ts
 * import { model } from '@fieldfile/core';
 *
 * interface UserRow {
 *   id: number;
 *   avatar: string | null;
 * }
 * export const user = model<UserRow>()('user', 'id');
 * ```
 */
export function model<Row extends object>(): <const Key extends keyof Row & string>(
  name: string,
  ...key: Key[]
) => Model<Row, Key> {
  return (name, ...key) => ({ name, key });
}

/** The key columns of a row; undefined while one of them has no value. */
export function pickKey(row: object, columns: readonly string[]): RowKey | undefined {
  const key: Record<string, unknown> = {};
  for (const column of columns) {
    const value = (row as Record<string, unknown>)[column];
    if (value === undefined || value === null) return undefined;
    key[column] = value;
  }
  return columns.length > 0 ? key : undefined;
}
