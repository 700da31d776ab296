import {
  type ClassOf,
  type Declared,
  defineFiles,
  type FieldFile,
  FieldFileError,
  type FieldOptions,
  type FileKey,
} from '@fieldfile/core';
import { ConnectionTransactions, columnValue, refuseOwnPool, wasRefused } from '@fieldfile/core/binding';
import type { Journal } from '@fieldfile/core/journal';
import type { DataSource, EntitySubscriberInterface, ObjectLiteral } from 'typeorm';
import { EntityAccessor, type EntityField, installToJson, type Persistence } from './accessor.ts';
import { type EntityBindingOptions, entityBinding } from './entity-binding.ts';
import { NOT_STORED } from './file-column.ts';
import { ManagerWrites } from './manager-writes.ts';
import { Registry, type Target } from './registry.ts';
import { afterLoad, installReload } from './reload.ts';
import { RunnerDriver, type RunnerTransactions } from './runner-driver.ts';
import { TypeormWriting } from './typeorm-writing.ts';

export interface TypeormFilesOptions {
  /** `SqlJournal` in PostgreSQL, MySQL or MariaDB, on a pool of its own (`sqlExecutor(journalSource)`); `SqliteJournal` beside SQLite. */
  readonly journal?: Journal;
  /**
   * Answers questions about all rows, as whether one still names an object: a data source that sees every row, on the
   * primary. Default: the data source itself, which row-level security may keep rows from.
   */
  readonly reader?: DataSource;
  /** How long a save or savepoint waits for the savepoint before it in the same transaction. Default: 30. */
  readonly siblingWaitSeconds?: number;
}

/**
 * Files of the entities of a data source, initialized or not; make one for each data source.
 *
 * @example
 * ```ts
 * import { type FieldFile, file } from '@fieldfile/core';
 * import { TypeormFiles } from '@fieldfile/typeorm';
 * import type { DataSource } from 'typeorm';
 *
 * declare const dataSource: DataSource;
 * class User {
 *   declare id: number;
 *   declare avatar: FieldFile; // with @Column(fileColumn()), or in an EntitySchema
 * }
 * new TypeormFiles(dataSource).define(User, { avatar: { uploadTo: 'avatars/' } });
 *
 * const user = new User();
 * user.avatar = file('…', 'me.png');
 * await dataSource.manager.save(user);
 * ```
 */
export class TypeormFiles {
  readonly #options: EntityBindingOptions & Persistence;
  readonly #registry: Registry;
  readonly #transactions: RunnerTransactions;
  readonly #writing = new TypeormWriting();

  /** @throws `invalid-argument` for a journal on the data source's own pool. */
  constructor(dataSource: DataSource, options: TypeormFilesOptions = {}) {
    const { journal, siblingWaitSeconds, reader = dataSource } = options;
    refuseOwnPool(journal, dataSource, other => Reflect.get(other, 'dataSource') === dataSource);
    const driver = new RunnerDriver(dataSource);
    this.#registry = new Registry(dataSource);
    this.#transactions = new ConnectionTransactions(driver, { siblingWaitSeconds });
    this.#options = {
      ...{ dataSource, journal, reader },
      ...{ writing: this.#writing, transactions: this.#transactions },
    };
    this.#watch(dataSource, driver);
  }

  /**
   * Declares an entity's files: properties written as `declare avatar: FieldFile`, on columns made by `fileColumn`.
   *
   * @throws `shadowed-field` where a class field would hide the file; `invalid-argument` where the class's file is declared
   * for another data source that is initialized.
   */
  define<Row extends object, Names extends FileKey<Row>>(
    entity: ClassOf<Row>,
    fields: { readonly [Name in Names]: FieldOptions<Row> },
  ): Declared<Row, never, Names> {
    for (const name of Object.keys(fields)) EntityAccessor.refuseTaken(entity, name, this.#options);
    const declared = defineFiles(entity, fields, entityBinding(entity, this.#options) as never);
    for (const field of Object.values(declared) as unknown as EntityField[]) {
      const accessor = new EntityAccessor(entity, field, this.#options);
      accessor.install();
      this.#registry.accessors.push(accessor);
    }
    installToJson(entity);
    installReload(entity);
    return declared;
  }

  /** Runs what takes no part in the transaction at hand, and may outlive it: a worker that is started on first use. */
  outside<T>(work: () => T): T {
    return this.#transactions.outside(work);
  }

  #watch(dataSource: DataSource, driver: RunnerDriver): void {
    const writes = new ManagerWrites(this.#registry, this.#transactions, this.#writing);
    const { createEntityManager, initialize, destroy } = dataSource;
    writes.watch(dataSource.manager);
    dataSource.createEntityManager = runner => {
      if (runner) driver.watch(runner, this.#transactions);
      return writes.watch(createEntityManager.call(dataSource, runner));
    };
    const subscriber = this.#subscriber(driver);
    dataSource.subscribers.push(subscriber);
    // Initializing makes a new list.
    dataSource.initialize = async () => {
      for (const accessor of this.#registry.accessors) accessor.install();
      await initialize.call(dataSource);
      dataSource.subscribers.push(subscriber);
      return dataSource;
    };
    dataSource.destroy = async () => {
      await this.#transactions.settled();
      await destroy.call(dataSource);
    };
  }

  #subscriber(driver: RunnerDriver): EntitySubscriberInterface {
    return {
      afterLoad: row => {
        for (const accessor of this.#registry.ofRow(row)) accessor.afterLoad(row);
        afterLoad(row, other => this.#registry.isSame(row, other));
      },
      beforeInsert: ({ entity, metadata }) => {
        this.#refuse(metadata.target, entity, value => value !== null && columnValue(value) !== null);
        if (!entity) return;
        this.#writing.inserting(entity);
        for (const accessor of this.#registry.ofTarget(metadata.target)) accessor.inserting(entity);
      },
      beforeUpdate: ({ entity, databaseEntity, metadata }) => {
        this.#refuse(metadata.target, entity, () => true, databaseEntity);
        if (!entity || !databaseEntity) return;
        for (const accessor of this.#registry.ofRow(entity)) accessor.refresh(entity, databaseEntity);
      },
      beforeQuery: ({ queryRunner, query, parameters }) => {
        this.#transactions.throwIfEnded(queryRunner, query);
        if (parameters?.includes(NOT_STORED))
          throw refusal('A file of this statement is not stored yet: call `await upload(row)` before.');
      },
      afterQuery: async ({ queryRunner, query, success, error }) => {
        driver.sent(queryRunner, success ? undefined : error);
        if (success) return;
        if (query === 'COMMIT' && !wasRefused(error)) await this.#transactions.unknown(queryRunner);
      },
    };
  }

  /** Query builders, `upsert` and plain objects tell of no row object, whose file could be stored, checked or undone. */
  #refuse(
    target: Target,
    values: ObjectLiteral | undefined,
    isFile: (value: FieldFile) => boolean,
    databaseRow?: ObjectLiteral,
  ): void {
    for (const accessor of this.#registry.ofTarget(target)) {
      const { entity, field } = accessor;
      if (values instanceof entity && this.#writing.running) continue;
      const value = values?.[field.name];
      if (value === undefined || !isFile(value)) continue;
      if (!values || !databaseRow || accessor.own(databaseRow, value) === undefined)
        throw refusal(
          `${entity.name}.${field.name} cannot be written this way: assign it to an entity (repository.create makes one) ` +
            'and save that, or use update or insert of a repository or entity manager.',
        );
      values[field.name] = databaseRow[field.name]; // the row's own file, which stays
    }
  }
}

const refusal = (message: string): FieldFileError =>
  new FieldFileError('invalid-argument', message, { operation: 'save' });
