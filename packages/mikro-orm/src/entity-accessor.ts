import type { ClassOf, FieldFile, FileField, FileInput } from '@fieldfile/core';
import { columnValue, hasUnwritten, isUnwritten } from '@fieldfile/core/binding';
import { type EntityClass, wrap } from '@mikro-orm/core';
import type { AttachedOrm } from './attached-orm.ts';

/** A file field of whatever entity. */
export type EntityField = FileField<object, never, never>;
export type EntityFields = ReadonlyMap<EntityClass<object>, readonly EntityField[]>;

/**
 * Gives a class the accessor of a field. What MikroORM sets while it hydrates is the column, and what it has not loaded is
 * undefined, also in the snapshot it takes before `onInit`.
 */
export function installAccessor(entity: ClassOf<object>, field: EntityField, orm: AttachedOrm): void {
  const { name } = field;
  Object.defineProperty(entity.prototype, name, {
    configurable: true,
    enumerable: true,
    get(this: object) {
      return this !== entity.prototype && isLoaded(this, name) ? field.get(this) : undefined;
    },
    set(this: object, input: FieldFile | string | null | undefined) {
      // Rows are being made of what the database has: this is no assignment.
      if (orm.orm?.em.getHydrator().isRunning()) {
        wrap(this, true).__loadedProperties.add(name);
        hydrate(field, this, typeof input === 'string' ? input : (input?.name ?? null));
      } else if (isOfSameRow(this, input)) {
        if (!isUnwritten(input)) field.load(this, input.name);
      } else if (input !== undefined && !isOwnName(field.get(this), input))
        field.set(this as never, input as FileInput);
    },
  });
}

/** An insert may give back what it has written just now. Else what was assigned is dropped, as other properties are. */
function hydrate(field: EntityField, row: object, name: string | null): void {
  const file = hasUnwritten(row) ? field.get(row) : undefined;
  if (file && columnValue(file) === name) field.load(row, name);
  else field.reset(row, name);
}

/** False for what is in the database and was loaded without the column. */
export function isLoaded(row: object, property: string): boolean {
  const { __managed, __loadedProperties } = wrap(row, true);
  return !__managed || __loadedProperties.has(property);
}

/** The row as a plain object has the names of its files, and may be assigned to the row again. */
function isOwnName(file: FieldFile | undefined, input: unknown): boolean {
  return typeof input === 'string' && file?.name === input && !file.pending;
}

/** MikroORM copies properties between two objects of one row when a transaction's entities are merged. */
function isOfSameRow(row: object, input: unknown): input is FieldFile {
  const { owner } = (input ?? {}) as FieldFile;
  if (!owner || owner === row || owner.constructor !== row.constructor) return false;
  const [own, other] = [wrap(row, true), wrap(owner, true)];
  return (
    own.hasPrimaryKey() &&
    own.getSerializedPrimaryKey() === other.getSerializedPrimaryKey() &&
    own.getSchema() === other.getSchema()
  );
}
