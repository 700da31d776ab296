import {
  type AnyFileField,
  type ClassOf,
  type FieldFile,
  FieldFileError,
  type FileInput,
} from '@fieldfile/core';
import { columnValue, ownName } from '@fieldfile/core/binding';
import type { Journal } from '@fieldfile/core/journal';
import type { DataSource, ObjectLiteral } from 'typeorm';
import { LoadedName } from './file-column.ts';
import { keyOf } from './keys.ts';
import type { TypeormWriting } from './typeorm-writing.ts';

/** A field as the accessors of whatever entity use it. */
export interface EntityField extends AnyFileField {
  readonly empty: null | '';
  readonly default: string | undefined;
  get(row: object): FieldFile | undefined;
  set(row: object, input: FileInput): void;
  load(row: object, stored: string | null | undefined): void;
  reset(row: object, stored: string | null | undefined): void;
}

/** Whose rows they are. */
export interface Persistence {
  readonly dataSource: DataSource;
  readonly writing: TypeormWriting;
  readonly journal: Journal | undefined;
}

/** Prototype → its accessors, by property. */
const installed = new WeakMap<object, Map<string, EntityAccessor>>();

/** The accessors that rows of a prototype have, by property: those of its class before those it inherits. */
export function accessorsOf(prototype: object | null): Map<string, EntityAccessor> {
  if (!prototype) return new Map();
  return new Map([...accessorsOf(Object.getPrototypeOf(prototype)), ...(installed.get(prototype) ?? [])]);
}

/** What TypeORM and programs see of a file: TypeORM assigns names it has loaded, programs assign files. */
export class EntityAccessor {
  readonly entity: ClassOf<object>;
  readonly field: EntityField;
  readonly persistence: Persistence;
  /** Row objects that stand for a row. */
  readonly #known = new WeakSet<object>();

  constructor(entity: ClassOf<object>, field: EntityField, persistence: Persistence) {
    this.entity = entity;
    this.field = field;
    this.persistence = persistence;
  }

  /** Gives the class this accessor, also in the place of one whose data source was destroyed. @throws as `refuseTaken`. */
  install(): void {
    const { prototype } = this.entity;
    const { name } = this.field;
    const current = installed.get(prototype)?.get(name);
    if (current === this) return;
    EntityAccessor.refuseTaken(this.entity, name, this.persistence);
    const { journal } = this.persistence;
    if (current) journal?.fields.delete(current.field as never);
    journal?.fields.add(this.field as never);
    installed.set(prototype, new Map(installed.get(prototype)).set(name, this));
    const accessor = this;
    Object.defineProperty(prototype, name, {
      configurable: true,
      enumerable: true,
      get(this: object) {
        return this === prototype ? undefined : accessor.field.get(this);
      },
      set(this: object, input: FileInput | LoadedName | undefined) {
        accessor.#set(this, input);
      },
    });
  }

  /** Whether rows of that prototype have it, and no other in its place. */
  isOf(prototype: object | null): boolean {
    if (!prototype) return false;
    const own = installed.get(prototype)?.get(this.field.name);
    return own ? own === this : this.isOf(Object.getPrototypeOf(prototype));
  }

  /** TypeORM has loaded the row: without the column, unless it was assigned. */
  afterLoad(row: object): void {
    if (!this.#known.has(row)) this.field.load(row, undefined);
  }

  /** TypeORM is about to insert the row: what has no file gets the field's default, or the text that stands for none. */
  inserting(row: ObjectLiteral): void {
    const { field } = this;
    this.#known.add(row);
    const file: FieldFile | null | undefined = row[field.name];
    const unset = (file === undefined && field.default) || field.empty;
    if (file?.pending || (file && file.name !== null) || unset === null) return;
    if (row instanceof this.entity) field.load(row, unset);
    else if (row.constructor === Object) row[field.name] = unset;
  }

  /** Gives a row whose file nobody touched what the database has, so that a save does not write back what it had. */
  refresh(row: object, databaseRow: object): void {
    const { field } = this;
    const file = field.get(row);
    const current = field.get(databaseRow);
    if (!file || file.pending || !current) return;
    field.load(row, columnValue(current));
    for (const column of Object.values(field.columns))
      Reflect.set(row, column, Reflect.get(databaseRow, column));
  }

  /** Makes the row's file what another object of the row has, which was loaded. */
  reset(row: object, loaded: object): void {
    const file = this.field.get(loaded);
    if (file) this.field.reset(row, columnValue(file));
  }

  /** What the column holds, where the value is the row's own file. */
  own(row: object, value: unknown): string | null | undefined {
    return ownName(this.field, keyOf(this.persistence.dataSource, row), value);
  }

  #set(row: object, input: FileInput | LoadedName | undefined): void {
    if (input === undefined) return;
    if (input instanceof LoadedName) {
      this.#known.add(row);
      this.field.load(row, input.name);
      return;
    }
    const file = this.field.get(row);
    // After a save TypeORM makes null of every nullable column that was not selected, and gives back what it wrote.
    if (this.persistence.writing.running && (file ? columnValue(file) : null) === input) return;
    const own = !file || this.#known.has(row) ? this.own(row, input) : undefined;
    if (own === undefined) this.field.set(row, input);
    else this.field.reset(row, own);
  }

  /** @throws `invalid-argument` where the class's file is declared already, for this data source or another in use. */
  static refuseTaken({ prototype, name: entity }: ClassOf<object>, name: string, by: Persistence): void {
    const owner = installed.get(prototype)?.get(name)?.persistence;
    if (!owner || (owner !== by && !owner.dataSource.isInitialized)) return;
    const field = `${entity}.${name}`;
    const why =
      owner === by
        ? 'declare it once'
        : 'for another data source, whose storage its files would go to. Destroy that one before, or give each a class of its own';
    throw new FieldFileError('invalid-argument', `${field} is declared already: ${why}.`, {
      operation: 'define',
      field,
    });
  }
}

/** JSON takes a row's own properties only: adds the files, unless the class says how. */
export function installToJson(entity: ClassOf<object>): void {
  if ('toJSON' in entity.prototype) return;
  Object.defineProperty(entity.prototype, 'toJSON', {
    configurable: true,
    writable: true,
    value(this: object) {
      const json: Record<string, unknown> = { ...this };
      for (const name of accessorsOf(Object.getPrototypeOf(this)).keys())
        json[name] = Reflect.get(this, name);
      return json;
    },
  });
}
