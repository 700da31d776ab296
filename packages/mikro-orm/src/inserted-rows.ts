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

/** Columns of a row that is about to be inserted, without those of its files and what `onCreate` has made. */
export function columnsBefore(
  entity: object,
  meta: EntityMetadata,
  fileColumns: readonly string[],
): ColumnsBefore {
  const scalars = meta.props.filter(({ kind }) => kind === ReferenceKind.SCALAR);
  const names = scalars.map(({ name }) => name).filter(name => !fileColumns.includes(name));
  const before = (name: string): unknown =>
    made.get(entity)?.has(name) ? undefined : (entity as Record<string, unknown>)[name];
  return Object.fromEntries(names.map(name => [name, before(name)]));
}

/** To MikroORM it is a row that was never inserted. */
export function forgetRow(entity: object): void {
  const { __em, __managed } = wrap(entity, true);
  if (__managed) __em?.getUnitOfWork(false).unsetIdentity(entity);
}
