import {
  type ClassOf,
  type Declared,
  defineFiles,
  FieldFileError,
  type FieldOptions,
  type FileKey,
} from '@fieldfile/core';
import type { Journal, SqlExecutor } from '@fieldfile/core/journal';
import type { EntityClass, EventSubscriber } from '@mikro-orm/core';
import { AttachedOrm, type Orm } from './attached-orm.ts';
import { type EntityField, letHydrate } from './entity-accessor.ts';
import { entityBinding } from './entity-binding.ts';
import { FileType } from './file-column.ts';
import { FlushFiles } from './flush-files.ts';
import { sqlExecutor } from './sql-executor.ts';
import { TransactionScopes } from './transaction-scopes.ts';

export interface MikroOrmFilesOptions {
  /**
   * `SqlJournal` in PostgreSQL, made with what runs SQL on the ORM's own connections; `SqliteJournal` beside SQLite.
   */
  readonly journal?: Journal | ((execute: SqlExecutor) => Journal);
}

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
  readonly #orm = new AttachedOrm();
  readonly #scopes = new TransactionScopes();
  readonly #defined = new Map<ClassOf<object>, readonly EntityField[]>();

  constructor({ journal }: MikroOrmFilesOptions = {}) {
    this.journal =
      typeof journal === 'function'
        ? journal((sql, parameters) => sqlExecutor(this.#orm.em)(sql, parameters))
        : journal;
  }

  /**
   * Declares an entity's file fields and gives its class their accessors: before the ORM is initialised.
   * @throws `shadowed-field` when a class field would hide an accessor.
   */
  define<Row extends object, Names extends FileKey<Row>>(
    entity: ClassOf<Row>,
    fields: { readonly [Name in Names]: FieldOptions<Row> },
  ): Declared<Row, never, Names> {
    const binding = entityBinding(entity, this.#orm, this.#scopes, this.journal);
    const declared = defineFiles(entity, fields, binding);
    const list = Object.values(declared) as EntityField[];
    for (const field of list) letHydrate(entity, field, this.#orm);
    this.#defined.set(entity, list);
    return declared;
  }

  /**
   * Connects with the ORM, once it is initialised.
   * @throws `invalid-argument` for a property that was not declared with `fileColumn`.
   */
  attach(orm: Orm): void {
    if (this.#orm.orm === orm) return;
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
    this.#orm.orm = orm;
  }
}
