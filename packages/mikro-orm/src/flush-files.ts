import { FieldFileError, upload } from '@fieldfile/core';
import { type RowChanges, type RowRemoval, rowChanges, rowRemoval } from '@fieldfile/core/binding';
import {
  ChangeSetType,
  type EntityClass,
  type EntityManager,
  type EntityMetadata,
  type EventArgs,
  type EventSubscriber,
  type FlushEventArgs,
  LockMode,
  type Transaction,
  type TransactionEventArgs,
  wrap,
} from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { type EntityField, isLoaded } from './entity-accessor.ts';
import { keyOf } from './entity-binding.ts';
import { UNWRITTEN } from './file-column.ts';
import { sqlExecutor } from './sql-executor.ts';
import type { TransactionScopes } from './transaction-scopes.ts';

type Columns = Record<string, unknown>;
type Entity = EventArgs<object>;

/** What a flush does with the files of the entities it writes. */
export class FlushFiles implements EventSubscriber<object> {
  readonly #entities: ReadonlyMap<EntityClass<object>, readonly EntityField[]>;
  readonly #scopes: TransactionScopes;
  /** Of the flush that runs: what its statements are still to write. */
  readonly #flushes = new WeakMap<EntityManager, Map<object, RowChanges>>();
  /** Whose flush is about to begin a transaction. */
  readonly #beginning = new WeakSet<EntityManager>();
  readonly #removals = new WeakMap<object, RowRemoval>();

  constructor(entities: ReadonlyMap<EntityClass<object>, readonly EntityField[]>, scopes: TransactionScopes) {
    this.#entities = entities;
    this.#scopes = scopes;
  }

  getSubscribedEntities(): EntityClass<object>[] {
    return [...this.#entities.keys()];
  }

  /** A column that was not loaded: its attribute is undefined, and saving leaves it alone. */
  onInit({ entity, meta }: Entity): void {
    for (const field of this.#fields(meta)) if (!isLoaded(entity, field.name)) field.load(entity, undefined);
  }

  /** Columns beside a name are written with it or not at all: that `handle.save` has set them is no change. */
  beforeFlush({ em, uow }: FlushEventArgs): void {
    for (const [type, fields] of this.#entities) {
      const columns = fields.flatMap(field => Object.values(field.columns));
      if (columns.length === 0) continue;
      for (const entity of uow.getIdentityMap().getStore(em.getMetadata().get(type).root).values())
        for (const column of columns) remember(entity, column, (entity as Columns)[column]);
    }
  }

  /** Changes are known, and no transaction is open unless the program opened one: here the bytes are sent. */
  async onFlush({ em, uow }: FlushEventArgs): Promise<void> {
    const sets = uow.getChangeSets().filter(({ meta }) => this.#fields(meta).length > 0);
    const written = sets.filter(({ type }) => !type.startsWith(ChangeSetType.DELETE));
    // A flush that fails leaves the files to be written by the next.
    for (const { entity, meta, originalEntity } of written)
      if (originalEntity)
        for (const { name } of this.#fields(meta)) remember(entity, name, (originalEntity as Columns)[name]);
    try {
      await upload(written.map(({ entity }) => entity));
    } catch (error) {
      for (const { entity } of written) await rowChanges(entity).failed();
      throw error;
    }
    const changes = sets
      .map(({ entity }) => [entity, rowChanges(entity)] as const)
      .filter(([, { expect }]) => Object.keys(expect).length > 0);
    this.#flushes.set(em, new Map(changes));
    const transaction = em.getTransactionContext();
    if (transaction) this.#giveUpWith(em, transaction);
    else if (sets.length > 0) this.#beginning.add(em);
  }

  afterTransactionStart({ em, transaction }: TransactionEventArgs): void {
    if (!this.#beginning.delete(em)) return;
    this.#scopes.beganByFlush(transaction);
    this.#giveUpWith(em, transaction);
  }

  beforeCreate(args: Entity): void {
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
    const row = await lockedRow(
      args,
      fields.map(({ name }) => name),
    );
    this.#removals.set(args.entity, rowRemoval(fields, row ? [row] : []));
  }

  afterCreate(args: Entity): Promise<void> {
    return this.#written(args);
  }

  afterUpdate(args: Entity): Promise<void> {
    return this.#written(args);
  }

  async afterDelete({ em, entity }: Entity): Promise<void> {
    const transaction = em.getTransactionContext();
    const removal = this.#removals.get(entity);
    await removal?.take(sqlExecutor(em as SqlEntityManager, transaction));
    await removal?.written(this.#scopes.join(transaction));
  }

  #fields(meta: EntityMetadata): readonly EntityField[] {
    return this.#entities.get(meta.class) ?? [];
  }

  /** Puts the names where the change set stands for them. */
  #fill({ em, entity, meta, changeSet }: Entity): RowChanges | undefined {
    const changes = this.#flushes.get(em)?.get(entity);
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
    const flush = this.#flushes.get(em);
    const changes = flush?.get(entity);
    if (!changes) return;
    const transaction = em.getTransactionContext();
    await changes.take(sqlExecutor(em as SqlEntityManager, transaction));
    await changes.written(this.#scopes.join(transaction));
    flush?.delete(entity);
    for (const name of Object.keys(changes.expect)) remember(entity, name, changes.values[name]);
  }

  /** What a failed flush did not come to write is undone when its transaction ends, however it does. */
  #giveUpWith(em: EntityManager, transaction: Transaction | undefined): void {
    const unwritten = this.#flushes.get(em);
    if (!unwritten?.size) return;
    const giveUp = async (): Promise<void> => {
      for (const entity of unwritten.keys()) await rowChanges(entity).failed();
      unwritten.clear();
    };
    this.#scopes
      .join(transaction)
      ?.add({ committed: giveUp, rolledBack: giveUp, unknown: giveUp, rewind: giveUp, restore: () => {} });
  }
}

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
