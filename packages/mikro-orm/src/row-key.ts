import type { RowKey } from '@fieldfile/core';
import { type EntityMetadata, Reference, Utils, wrap } from '@mikro-orm/core';

type Columns = Record<string, unknown>;

/** In a key: the schema of a row whose table is in several, where that is not the ORM's own. */
export const SCHEMA = '$schema';

/** Whether rows may be in the schema of their entity manager. */
export const isInAnySchema = ({ root: { schema } }: EntityMetadata): boolean => !schema || schema === '*';

/** A part of a key may be another entity, whose own key stands for it: `album`, or `album.year` and `album.number`. */
export function keyColumns(meta: EntityMetadata): string[] {
  return meta.primaryKeys.flatMap(name => {
    const parts = partsOf(meta, name);
    return parts.length > 1 ? parts.map(part => `${name}.${part}`) : [name];
  });
}

/** Of a row, or of a reference to one. Undefined while a part has no value. */
export function keyOf(meta: EntityMetadata, row: object): RowKey | undefined {
  const values = meta.primaryKeys.flatMap(name => valuesOf(meta, name, (row as Columns)[name]));
  if (values.some(value => value === undefined || value === null)) return undefined;
  const key = Object.fromEntries(keyColumns(meta).map((column, index) => [column, values[index]]));
  const schema = schemaOf(meta, row);
  return schema ? { ...key, [SCHEMA]: schema } : key;
}

/** The row's own schema: undefined where MikroORM finds it without being told. */
function schemaOf(meta: EntityMetadata, row: object): string | undefined {
  if (!isInAnySchema(meta)) return undefined;
  const { __schema, __config } = wrap(row, true);
  return __schema && __schema !== '*' && __schema !== __config?.getSchema() ? __schema : undefined;
}

/** A key as MikroORM takes it. */
export function conditionOf(
  meta: EntityMetadata,
  key: RowKey,
): { readonly where: Columns; readonly schema: string | undefined } {
  const where: Columns = {};
  for (const name of meta.primaryKeys) {
    const parts = partsOf(meta, name);
    where[name] =
      parts.length > 1 ? Object.fromEntries(parts.map(part => [part, key[`${name}.${part}`]])) : key[name];
  }
  return { where, schema: SCHEMA in key ? String(key[SCHEMA]) : undefined };
}

const partsOf = (meta: EntityMetadata, name: string): string[] => {
  const target = meta.properties[name]?.targetMeta;
  return target ? keyColumns(target) : [name];
};

function valuesOf(meta: EntityMetadata, name: string, given: unknown): unknown[] {
  const value = Reference.unwrapReference(given as object);
  const target = meta.properties[name]?.targetMeta;
  if (!target || !Utils.isEntity(value)) return [value].flat();
  return target.primaryKeys.flatMap(part => valuesOf(target, part, (value as Columns)[part]));
}
