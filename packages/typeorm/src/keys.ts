import type { RowKey } from '@fieldfile/core';
import { pickKey } from '@fieldfile/core/binding';
import type { DataSource, EntityMetadata } from 'typeorm';

/** Properties of the primary key. */
export const keyColumns = ({ primaryColumns }: EntityMetadata): string[] =>
  primaryColumns.map(({ propertyName }) => propertyName);

/** The key of a row; undefined until it is inserted. */
export function keyOf(dataSource: DataSource, row: object): RowKey | undefined {
  const target = row.constructor;
  return dataSource.hasMetadata(target)
    ? pickKey(row, keyColumns(dataSource.getMetadata(target)))
    : undefined;
}
