import { FieldFileError } from '@fieldfile/core';
import {
  FlushedRows,
  filledColumns,
  type Level,
  type LibraryTransactions,
  type RowChanges,
} from '@fieldfile/core/binding';
import {
  type ChangeSet,
  ChangeSetType,
  type EntityClass,
  type EntityManager,
  type EntityMetadata,
  type EventArgs,
  type EventSubscriber,
  type FlushEventArgs,
  LockMode,
  type Transaction,
  wrap,
} from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { type EntityField, isLoaded } from './entity-accessor.ts';
import { keyOf } from './entity-binding.ts';
import { UNWRITTEN } from './file-column.ts';
import { columnsBefore, forgetRow } from './inserted-rows.ts';
import { executorOf } from './sql-executor.ts';

type Columns = Record<string, unknown>;
type Entity = EventArgs<object>;

/** A flush that runs. */
interface Flush {
  /** The transaction that was open already. */
  level?: Level<Transaction> | undefined;
  rows?: FlushedRows;
  sets?: readonly ChangeSet<object>[];
}

/** What a flush does with the files of the entities it writes. */
export class FlushFiles implements EventSubscriber<object> {
  readonly #entities: ReadonlyMap<EntityClass<object>, readonly EntityField[]>;
  readonly #transactions: LibraryTransactions<Transaction>;
  readonly #flushes = new WeakMap<EntityManager, Flush>();

  constructor(
    entities: ReadonlyMap<EntityClass<object>, readonly EntityField[]>,
    transactions: LibraryTransactions<Transaction>,
  ) {
    this.#entities = entities;
    this.#transactions = transactions;
  }

  getSubscribedEntities(): EntityClass<object>[] {
    return [...this.#entities.keys()];
  }

  /** Runs a flush. What it stored and did not come to write is undone when it fails. */
  async follow(em: EntityManager, run: () => Promise<void>): Promise<void> {
    const flush: Flush = {};
    this.#flushes.set(em, flush);
    try {
      await run();
    } catch (error) {
      const { level, rows, sets } = flush;
      const scope = level?.scope.outcome ? undefined : level?.scope;
      await rows?.failed(error, scope, row => sets?.find(({ entity }) => entity === row)?.persisted === true);
      throw error;
    } finally {
      this.#flushes.delete(em);
    }
  }

  /** A column that was not loaded: its attribute is undefined, and saving leaves it alone. */
  onInit({ entity, meta }: Entity): void {
    for (const field of this.#fields(meta)) if (!isLoaded(entity, field.name)) field.load(entity, undefined);
  }

  /** Columns beside a name are written with it or not at all: that `handle.save` has set them is no change. */
  beforeFlush({ em, uow }: FlushEventArgs): void {
    this.#level(em)?.throwIfEnded();
    for (const [type, fields] of this.#entities) {
      const columns = fields.flatMap(field => Object.values(field.columns));
      if (columns.length === 0) continue;
      for (const entity of uow.getIdentityMap().getStore(em.getMetadata().get(type).root).values())
        for (const column of columns) remember(entity, column, (entity as Columns)[column]);
    }
  }

  /** Changes are known, and no transaction is open unless the program opened one: here the bytes are sent. */
  async onFlush({ em, uow }: FlushEventArgs): Promise<void> {
    const level = this.#level(em);
    const sets = uow.getChangeSets().filter(({ meta }) => this.#fields(meta).length > 0);
    const written = sets.filter(({ type }) => !type.startsWith(ChangeSetType.DELETE));
    const flush = this.#flushes.get(em) ?? {};
    if (sets.length > 0 && !this.#flushes.has(em)) throw forkedTooEarly();
    // A flush that fails leaves the files to be written by the next.
    for (const { entity, meta, originalEntity } of written)
      if (originalEntity)
        for (const { name } of this.#fields(meta)) remember(entity, name, (originalEntity as Columns)[name]);
    flush.rows = await FlushedRows.upload(written.map(rowOf), sets.map(rowOf));
    flush.sets = sets;
    flush.level = level ?? this.#level(em);
    if (flush.level && uow.getChangeSets().length > 0) await this.#transactions.beginGroup(flush.level);
  }

  beforeCreate(args: Entity): void {
    const { em, entity, meta } = args;
    const fileColumns = this.#fields(meta).flatMap(({ name, columns }) => [name, ...Object.values(columns)]);
    const before = columnsBefore(entity, meta, fileColumns);
    this.#level(em)?.scope.add(filledColumns(entity, before, forgetRow));
    this.#fill(args);
  }

  /** @throws `conflict`: compare-and-set, by a lock on the row, since the update's own condition is MikroORM's. */
  async beforeUpdate(args: Entity): Promise<void> {
    const expect = this.#fill(args)?.expect ?? {};
    const names = Object.keys(expect);
    const row = names.length > 0 ? await lockedRow(args, names) : {};
    if (!row || names.some(name => (row[name] ?? null) !== expect[name]))
      throw new FieldFileError(
        'conflict',
        `The row of ${args.meta.className} is gone or has another file meanwhile: nothing was written. Load it again.`,
        { operation: 'flush', field: `${args.meta.className}.${names[0]}` },
      );
  }

  async beforeDelete(args: Entity): Promise<void> {
    const fields = this.#fields(args.meta);
    const names = fields.map(({ name }) => name);
    this.#rows(args.em)?.removing(args.entity, fields, await lockedRow(args, names));
  }

  afterCreate(args: Entity): Promise<void> {
    return this.#written(args);
  }

  afterUpdate(args: Entity): Promise<void> {
    return this.#written(args);
  }

  afterDelete(args: Entity): Promise<void> {
    return this.#written(args);
  }

  #fields(meta: EntityMetadata): readonly EntityField[] {
    return this.#entities.get(meta.class) ?? [];
  }

  #level(em: EntityManager): Level<Transaction> | undefined {
    return this.#transactions.of(em.getTransactionContext());
  }

  #rows(em: EntityManager): FlushedRows | undefined {
    return this.#flushes.get(em)?.rows;
  }

  /** Puts the names where the change set stands for them. */
  #fill({ em, entity, meta, changeSet }: Entity): RowChanges | undefined {
    const changes = this.#rows(em)?.changesOf(entity);
    const payload = changeSet?.payload as Columns;
    for (const { name } of this.#fields(meta)) {
      if (payload[name] !== UNWRITTEN) continue;
      if (changeSet?.type === ChangeSetType.CREATE) payload[name] = null;
      else delete payload[name];
    }
    Object.assign(payload, changes?.values);
    return changes;
  }

  async #written({ em, entity }: Entity): Promise<void> {
    const changes = this.#rows(em)?.changesOf(entity);
    const execute = executorOf(em as SqlEntityManager, em.getTransactionContext());
    await this.#rows(em)?.written(entity, { scope: this.#level(em)?.scope, execute });
    for (const name of Object.keys(changes?.expect ?? {})) remember(entity, name, changes?.values[name]);
  }
}

const rowOf = ({ entity }: ChangeSet<object>): object => entity;

/** The row's key and these columns as the database has them, locked until the transaction ends. */
function lockedRow({ em, entity, meta }: Entity, columns: readonly string[]): Promise<Columns | undefined> {
  return (em as SqlEntityManager)
    .createQueryBuilder(meta.class)
    .select([...meta.primaryKeys, ...columns] as never)
    .where(keyOf(meta, entity) ?? {})
    .setLockMode(em.isInTransaction() ? LockMode.PESSIMISTIC_WRITE : undefined)
    .execute('get');
}

/** What MikroORM compares the next time. */
function remember(entity: object, name: string, value: unknown): void {
  const known = wrap(entity, true).__originalEntityData as Columns | undefined;
  if (known) known[name] = value;
}

const forkedTooEarly = (): FieldFileError =>
  new FieldFileError(
    'invalid-argument',
    'This entity manager was forked before attach(orm): fork it afterwards, so that files follow its flushes.',
    { operation: 'flush' },
  );
