import type { AnyFileField, ClassOf, FieldFile, FileInput } from '@fieldfile/core';
import { LoadedName } from './file-column.ts';

/** A field as the accessors of whatever entity use it. */
export interface EntityField extends AnyFileField {
  get(row: object): FieldFile | undefined;
  set(row: object, input: FileInput): void;
  load(row: object, stored: string | null | undefined): void;
}

/** What TypeORM and programs see of a file: TypeORM assigns names it has loaded, programs assign files. */
export class EntityAccessor {
  readonly entity: ClassOf<object>;
  readonly field: EntityField;
  readonly #loaded = new WeakSet<object>();

  /** @param writing whether TypeORM is writing rows just now. */
  constructor(entity: ClassOf<object>, field: EntityField, writing: () => boolean) {
    this.entity = entity;
    this.field = field;
    const loaded = this.#loaded;
    Object.defineProperty(entity.prototype, field.name, {
      configurable: true,
      enumerable: true,
      get(this: object) {
        return this === entity.prototype ? undefined : field.get(this);
      },
      set(this: object, input: FileInput | LoadedName) {
        if (input instanceof LoadedName) {
          loaded.add(this);
          field.load(this, input.name);
          return;
        }
        // After a save TypeORM makes null of every nullable column that was not selected.
        if (input === null && writing() && field.get(this) === undefined) return;
        field.set(this, input);
      },
    });
  }

  /** TypeORM has loaded the row: without the column, unless it was assigned. */
  afterLoad(row: object): void {
    if (!this.#loaded.has(row)) this.field.load(row, undefined);
  }

  /** Gives a row whose file nobody touched what the database has, so that a save does not write back what it had. */
  refresh(row: object, databaseRow: object): void {
    const { field } = this;
    const file = field.get(row);
    const current = field.get(databaseRow);
    if (!file || file.pending || !current) return;
    field.load(row, current.name);
    for (const column of Object.values(field.columns))
      Reflect.set(row, column, Reflect.get(databaseRow, column));
  }
}

/** JSON takes a row's own properties only: adds the files, unless the class says how. */
export function installToJson(entity: ClassOf<object>, names: readonly string[]): void {
  if ('toJSON' in entity.prototype) return;
  Object.defineProperty(entity.prototype, 'toJSON', {
    configurable: true,
    writable: true,
    value(this: object) {
      const json: Record<string, unknown> = { ...this };
      for (const name of names) json[name] = Reflect.get(this, name);
      return json;
    },
  });
}
