import {
  type ClassOf,
  type Declared,
  defineFiles,
  type FieldFile,
  FieldFileError,
  type FieldOptions,
  type FileKey,
  isUnwritten,
  type Journal,
  type SqlExecutor,
} from '@fieldfile/core';
import { type EntityClass, type EventSubscriber, wrap } from '@mikro-orm/core';
import type { AbstractSqlDriver, MikroORM, SqlEntityManager } from '@mikro-orm/sql';
import { entityBinding, type OrmAccess } from './entity-binding.ts';
import { FileType } from './file-column.ts';
import { type EntityField, FlushFiles } from './flush-files.ts';
import { sqlExecutor } from './sql-executor.ts';
import { TransactionScopes } from './transaction-scopes.ts';

export interface MikroOrmFilesOptions {
  /**
   * `SqlJournal` in PostgreSQL, made with what runs SQL on the ORM's own connections; `SqliteJournal` beside SQLite.
   */
  readonly journal?: Journal | ((execute: SqlExecutor) => Journal);
}

/** An ORM with any SQL driver. */
type Orm = Pick<MikroORM<AbstractSqlDriver>, 'em'>;

/**
 * Files of MikroORM's entities: stored when a flush is about to write them, removed when their row's transaction has
 * been committed.
 *
 * @example
 * ```ts
 * import { type FieldFile, file } from '@fieldfile/core';
 * import { fileColumn, MikroOrmFiles } from '@fieldfile/mikro-orm';
 * import { EntitySchema, MikroORM } from '@mikro-orm/postgresql';
 *
 * class Photo {
 *   declare id: number;
 *   declare image: FieldFile<Photo>;
 * }
 * const schema = new EntitySchema({
 *   class: Photo,
 *   properties: { id: { type: 'integer', primary: true }, image: fileColumn({ length: 60 }) },
 * });
 * const files = new MikroOrmFiles();
 * files.define(Photo, { image: { uploadTo: 'photos/%Y/' } });
 *
 * const orm = await MikroORM.init({ entities: [schema], dbName: 'app' });
 * files.attach(orm);
 * const em = orm.em.fork();
 * em.create(Photo, { image: file('…', 'me.png') });
 * await em.flush();
 * ```
 */
export class MikroOrmFiles {
  /** For `recover` and `sweep`. */
  readonly journal: Journal | undefined;
  readonly #scopes = new TransactionScopes();
  readonly #defined = new Map<ClassOf<object>, readonly EntityField[]>();
  readonly #access: OrmAccess;
  #orm: Orm | undefined;

  constructor({ journal }: MikroOrmFilesOptions = {}) {
    this.journal =
      typeof journal === 'function'
        ? journal((sql, parameters) => sqlExecutor(this.#em)(sql, parameters))
        : journal;
    const files = this;
    this.#access = {
      get em() {
        return files.#em;
      },
      get attached() {
        return files.#orm !== undefined;
      },
      scopes: this.#scopes,
      journal: this.journal,
    };
  }

  /**
   * Declares an entity's file fields and gives its class their accessors: before the ORM is initialised.
   * @throws `shadowed-field` when a class field would hide an accessor.
   */
  define<Row extends object, Names extends FileKey<Row>>(
    entity: ClassOf<Row>,
    fields: { readonly [Name in Names]: FieldOptions<Row> },
  ): Declared<Row, never, Names> {
    const declared = defineFiles(entity, fields, entityBinding(entity, this.#access));
    const list = Object.values(declared) as EntityField[];
    for (const field of list) this.#letHydrate(entity, field);
    this.#defined.set(entity, list);
    return declared;
  }

  /**
   * Connects with the ORM, once it is initialised.
   * @throws `invalid-argument` for a property that was not declared with `fileColumn`.
   */
  attach(orm: Orm): void {
    const entities = new Map<EntityClass<object>, readonly EntityField[]>();
    for (const meta of orm.em.getMetadata().getAll().values()) {
      const fields = [...this.#defined].flatMap(([entity, list]) =>
        Object.create(meta.prototype) instanceof entity ? list : [],
      );
      for (const { name } of fields) {
        const { customType, getter } = meta.properties[name] ?? {};
        if (customType instanceof FileType && getter) continue;
        throw new FieldFileError(
          'invalid-argument',
          `${meta.className}.${name} is no file to MikroORM: declare the property as fileColumn(), and call define() before the ORM is initialised.`,
          { operation: 'attach', field: `${meta.className}.${name}` },
        );
      }
      if (fields.length > 0) entities.set(meta.class, fields);
    }
    const subscribers: EventSubscriber[] = [this.#scopes, new FlushFiles(entities, this.#scopes)];
    for (const subscriber of subscribers) orm.em.getEventManager().registerSubscriber(subscriber);
    this.#orm = orm;
  }

  get #em(): SqlEntityManager {
    if (this.#orm) return this.#orm.em;
    throw new FieldFileError(
      'invalid-argument',
      'These files know no ORM yet: call attach(orm) when it is initialised.',
      { operation: 'attach' },
    );
  }

  /**
   * What MikroORM sets while it hydrates is the column, and no assignment; nor is the same row's file. What it has not
   * loaded is undefined, also in the snapshot it takes before `onInit`.
   */
  #letHydrate(entity: ClassOf<object>, field: EntityField): void {
    const { name } = field;
    const accessor = Object.getOwnPropertyDescriptor(entity.prototype, name);
    const files = this;
    Object.defineProperty(entity.prototype, name, {
      ...accessor,
      get(this: object) {
        return isLoaded(this, name) ? accessor?.get?.call(this) : undefined;
      },
      set(this: object, input: FieldFile | string | null | undefined) {
        if (files.#orm?.em.getHydrator().isRunning()) {
          wrap(this, true).__loadedProperties.add(name);
          field.load(this, typeof input === 'string' ? input : (input?.name ?? null));
        } else if (isSameRow(this, input)) {
          if (!isUnwritten(input)) field.load(this, input.name);
        } else accessor?.set?.call(this, input);
      },
    });
  }
}

/** False for what is in the database and was loaded without the column. */
export function isLoaded(row: object, property: string): boolean {
  const { __managed, __loadedProperties } = wrap(row, true);
  return !__managed || __loadedProperties.has(property);
}

/** MikroORM copies properties between two objects of one row when a transaction's entities are merged. */
function isSameRow(row: object, input: unknown): input is FieldFile {
  const { owner } = (input ?? {}) as FieldFile;
  if (!owner || owner === row || owner.constructor !== row.constructor) return false;
  const [own, other] = [wrap(row, true), wrap(owner, true)];
  return own.hasPrimaryKey() && own.getSerializedPrimaryKey() === other.getSerializedPrimaryKey();
}
