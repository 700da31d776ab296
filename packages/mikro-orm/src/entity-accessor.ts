import type { ClassOf, FieldFile, FileField } from '@fieldfile/core';
import { isUnwritten } from '@fieldfile/core/binding';
import { type EntityClass, wrap } from '@mikro-orm/core';
import type { AttachedOrm } from './attached-orm.ts';

/** A file field of whatever entity. */
export type EntityField = FileField<object, never, never>;
export type EntityFields = ReadonlyMap<EntityClass<object>, readonly EntityField[]>;

/**
 * Around the accessor of core: what MikroORM sets while it hydrates is the column, and what it has not loaded is
 * undefined, also in the snapshot it takes before `onInit`.
 */
export function letHydrate(entity: ClassOf<object>, field: EntityField, orm: AttachedOrm): void {
  const { name } = field;
  const accessor = Object.getOwnPropertyDescriptor(entity.prototype, name);
  Object.defineProperty(entity.prototype, name, {
    ...accessor,
    get(this: object) {
      return isLoaded(this, name) ? accessor?.get?.call(this) : undefined;
    },
    set(this: object, input: FieldFile | string | null | undefined) {
      // Rows are being made of what the database has: this is no assignment.
      if (orm.orm?.em.getHydrator().isRunning()) {
        wrap(this, true).__loadedProperties.add(name);
        field.load(this, typeof input === 'string' ? input : (input?.name ?? null));
      } else if (isOfSameRow(this, input)) {
        if (!isUnwritten(input)) field.load(this, input.name);
      } else accessor?.set?.call(this, input);
    },
  });
}

/** False for what is in the database and was loaded without the column. */
export function isLoaded(row: object, property: string): boolean {
  const { __managed, __loadedProperties } = wrap(row, true);
  return !__managed || __loadedProperties.has(property);
}

/** MikroORM copies properties between two objects of one row when a transaction's entities are merged. */
function isOfSameRow(row: object, input: unknown): input is FieldFile {
  const { owner } = (input ?? {}) as FieldFile;
  if (!owner || owner === row || owner.constructor !== row.constructor) return false;
  const [own, other] = [wrap(row, true), wrap(owner, true)];
  return own.hasPrimaryKey() && own.getSerializedPrimaryKey() === other.getSerializedPrimaryKey();
}
