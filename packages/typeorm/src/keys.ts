import type { RowKey } from '@fieldfile/core';
import type { DataSource, EntityMetadata, ObjectLiteral } from 'typeorm';

/** Properties of the primary key, as paths: a part may be in an embedded entity, or be a related one's. */
export const keyColumns = ({ primaryColumns }: EntityMetadata): string[] =>
  primaryColumns.map(({ propertyPath }) => propertyPath);

/** The key of a row; undefined until it is inserted. */
export function keyOf(dataSource: DataSource, row: object): RowKey | undefined {
  if (!dataSource.hasMetadata(row.constructor)) return undefined;
  const key: Record<string, unknown> = {};
  for (const column of dataSource.getMetadata(row.constructor).primaryColumns) {
    const value: unknown = column.getEntityValue(row);
    if (value === undefined || value === null) return undefined;
    key[column.propertyPath] = value;
  }
  return key;
}

/** Values by paths, as TypeORM takes them in conditions and selections: `id.a` is within `id`. */
export function nested(values: RowKey): ObjectLiteral {
  const all: ObjectLiteral = {};
  for (const [path, value] of Object.entries(values)) {
    const names = path.split('.');
    const last = names.pop() ?? path;
    let within = all;
    for (const name of names) within = within[name] ??= {};
    within[last] = value;
  }
  return all;
}
