import {
  type ClassOf,
  type Declared,
  defineFiles,
  FieldFileError,
  type FieldOptions,
  type FileKey,
} from '@fieldfile/core';
import { LibraryTransactions, refuseOwnPool, savepointAnchor } from '@fieldfile/core/binding';
import type { Journal } from '@fieldfile/core/journal';
import { type EntityClass, type EntityManager, type Transaction, TransactionContext } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { AttachedOrm, type Orm } from './attached-orm.ts';
import { type EntityField, installAccessor } from './entity-accessor.ts';
import { entityBinding } from './entity-binding.ts';
import {
  extendEntityManagers,
  followStatements,
  tellOfSavepoints,
  transactionEvents,
} from './entity-managers.ts';
import { dialectOf } from './entity-names.ts';
import { FileType } from './file-column.ts';
import { FlushFiles } from './flush-files.ts';
import { watchOnCreate } from './inserted-rows.ts';
import { executorOf, poolOf } from './sql-executor.ts';

export interface MikroOrmFilesOptions {
  /** `SqlJournal` in PostgreSQL, MySQL or MariaDB, on a pool of its own (`sqlExecutor(journalOrm)`); `SqliteJournal` beside SQLite. */
  readonly journal?: Journal;
  /**
   * Who answers questions about all rows ("does any row name this object?"): an ORM or entity manager that sees every row,
   * on the primary. For row-level security. Default: the ORM itself, on its primary.
   */
  readonly reader?: Orm | SqlEntityManager;
  /** How long a save or savepoint waits for the one before it on the same connection. Default: 30. */
  readonly siblingWaitSeconds?: number;
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
 * const properties = { id: { type: 'integer', primary: true }, image: fileColumn({ length: 60 }) } as const;
 * const schema = new EntitySchema({ class: Photo, properties });
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
  readonly #reader: Orm | SqlEntityManager | undefined;
  readonly #transactions: LibraryTransactions<Transaction>;
  readonly #defined = new Map<ClassOf<object>, readonly EntityField[]>();

  constructor({ journal, reader, siblingWaitSeconds }: MikroOrmFilesOptions = {}) {
    this.journal = journal;
    this.#reader = reader;
    this.#transactions = new LibraryTransactions({
      atHand: () => this.#orm.orm?.em.getTransactionContext(),
      execute: transaction => executorOf(this.#orm.em, transaction),
      anchor: () =>
        savepointAnchor(dialectOf(this.#orm.em), transaction => executorOf(this.#orm.em, transaction)),
      siblingWaitSeconds,
    });
  }

  /**
   * Declares an entity's file fields and gives its class their accessors: before the ORM is initialised.
   * @throws `shadowed-field` when a class field would hide an accessor.
   */
  define<Row extends object, Names extends FileKey<Row>>(
    entity: ClassOf<Row>,
    fields: { readonly [Name in Names]: FieldOptions<Row> },
  ): Declared<Row, never, Names> {
    this.#orm.claim(entity);
    const binding = entityBinding(entity, {
      orm: this.#orm,
      transactions: this.#transactions,
      journal: this.journal,
      reader: this.#reader,
    });
    const declared = defineFiles(entity, fields, binding);
    const list = Object.values(declared) as EntityField[];
    for (const field of list) installAccessor(entity, field, this.#orm);
    const others = this.#defined.get(entity)?.filter(({ name }) => !(name in declared)) ?? [];
    this.#defined.set(entity, [...others, ...list]);
    return declared;
  }

  /**
   * Connects with the ORM, once it is initialised and before its entity manager is forked.
   * @throws `invalid-argument` for a property that was not declared with `fileColumn`, for a journal on the ORM's
   * pool, and while another ORM is attached that is not closed.
   */
  attach(orm: Orm): void {
    if (this.#orm.orm === orm) return;
    this.#orm.refuseSecond();
    for (const entity of this.#defined.keys()) this.#orm.claim(entity);
    refuseOwnPool(this.journal, orm, other => poolOf(other) === poolOf(orm));
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
      if (fields.length === 0) continue;
      watchOnCreate(meta);
      entities.set(meta.class, fields);
    }
    const events = orm.em.getEventManager();
    events.registerSubscriber(transactionEvents(this.#transactions));
    events.registerSubscriber(new FlushFiles(entities, this.#transactions));
    extendEntityManagers(orm, this.#transactions);
    tellOfSavepoints(orm);
    followStatements(orm, this.#transactions);
    this.#orm.orm = orm;
  }

  /** Runs what takes no part in the transaction at hand, and may outlive it: `orm.em` is not the transaction's in it. */
  outside<T>(work: () => T): T {
    return this.#transactions.outside(() => TransactionContext.create(NO_ENTITY_MANAGER, work));
  }
}

/** Has no ORM's name: `orm.em` is the one of the request then, or the global one. */
const NO_ENTITY_MANAGER = { name: Symbol('outside') } as unknown as EntityManager;
