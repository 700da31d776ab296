import type { FieldFile } from '@fieldfile/core';
import { columnValue } from '@fieldfile/core/binding';
import type { ValueTransformer } from 'typeorm';

export interface FileColumnOptions {
  /** Of the column, and so of the longest name. Default: 100. */
  readonly length?: number;
  /** The column's name in the database. Default: what the naming strategy makes of the property. */
  readonly name?: string;
  /** `false` for a field with `empty: ''`. Default: true. */
  readonly nullable?: boolean;
}

/** A column of TypeORM that holds a file. */
export interface FileColumn extends FileColumnOptions {
  readonly type: 'varchar';
  readonly length: number;
  readonly nullable: boolean;
  readonly transformer: ValueTransformer;
}

/**
 * Options of a file's column, for `@Column` and for `EntitySchema`. The property is written as `declare avatar: FieldFile`.
 *
 * @example
 * ```ts
 * import { fileColumn } from '@fieldfile/typeorm';
 *
 * export const columns = { id: { type: 'integer', primary: true }, avatar: fileColumn({ length: 120 }) } as const;
 * ```
 */
export function fileColumn(options: FileColumnOptions = {}): FileColumn {
  return { type: 'varchar', length: 100, nullable: true, ...options, transformer };
}

/** A name out of the database, which no bare string can be taken for. */
export class LoadedName {
  readonly name: string | null;

  constructor(name: string | null) {
    this.name = name;
  }
}

/**
 * Shown as column while what was assigned is not stored, so that TypeORM finds the row changed. No statement may carry
 * it; PostgreSQL, which has no such character, would not take it either.
 */
export const NOT_STORED = '\0fieldfile: not stored yet';

const transformer: ValueTransformer = {
  // Twice, where a default came back from an insert.
  from: (name: string | null | LoadedName) => (name instanceof LoadedName ? name : new LoadedName(name)),
  to(value: unknown) {
    if (typeof value !== 'object' || value === null) return value; // a name to look for
    const name = columnValue(value as FieldFile);
    return name === undefined ? NOT_STORED : name;
  },
};
