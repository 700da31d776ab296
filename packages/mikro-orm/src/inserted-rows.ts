import type { ColumnsBefore } from '@fieldfile/core/binding';
import { type EntityMetadata, ReferenceKind, wrap } from '@mikro-orm/core';
import type { EntityField } from './entity-accessor.ts';

/** What `onCreate` has made for rows that are being inserted. */
const made = new WeakMap<object, Set<string>>();

/** Has `onCreate` of an entity's properties tell what it makes. */
export function watchOnCreate(meta: EntityMetadata): void {
  for (const property of meta.props) {
    const { name, onCreate } = property;
    if (!onCreate) continue;
    property.onCreate = (entity, em) => {
      made.set(entity, (made.get(entity) ?? new Set()).add(name));
      return onCreate(entity, em);
    };
  }
}

/** Columns of a row that is about to be inserted, as they were before MikroORM has filled them in; none of its files. */
export function columnsBefore(
  entity: object,
  meta: EntityMetadata,
  fields: readonly EntityField[],
): ColumnsBefore {
  const before: Record<string, unknown> = {};
  for (const property of meta.props) {
    const value = (entity as Record<string, unknown>)[property.name];
    const isFilledIn = made.get(entity)?.has(property.name) || value === property.default;
    if (property.kind === ReferenceKind.SCALAR) before[property.name] = isFilledIn ? undefined : value;
  }
  for (const { name, columns } of fields)
    for (const column of [name, ...Object.values(columns)]) delete before[column];
  return before;
}

/** To MikroORM it is a row that was never inserted. */
export function forget(entity: object): void {
  const { __em, __managed } = wrap(entity, true);
  if (__managed) __em?.getUnitOfWork(false).unsetIdentity(entity);
}
