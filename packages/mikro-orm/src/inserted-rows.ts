import type { ColumnsBefore } from '@fieldfile/core/binding';
import { type EntityMetadata, ReferenceKind, wrap } from '@mikro-orm/core';

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

/** Columns of a row that is about to be inserted, without those of its files and what MikroORM has filled in by now. */
export function columnsBefore(
  entity: object,
  meta: EntityMetadata,
  fileColumns: readonly string[],
): ColumnsBefore {
  const columns = meta.props.filter(
    ({ name, kind }) => kind === ReferenceKind.SCALAR && !fileColumns.includes(name),
  );
  const before = columns.map(property => {
    const value = (entity as Record<string, unknown>)[property.name];
    const isFilledIn = made.get(entity)?.has(property.name) || value === property.default;
    return [property.name, isFilledIn ? undefined : value];
  });
  return Object.fromEntries(before);
}

/** To MikroORM it is a row that was never inserted. */
export function forgetRow(entity: object): void {
  const { __em, __managed } = wrap(entity, true);
  if (__managed) __em?.getUnitOfWork(false).unsetIdentity(entity);
}
