import { FieldFileError } from '@fieldfile/core';
import type { LibraryTransactions, RowChanges } from '@fieldfile/core/binding';
import {
  ChangeSetType,
  type EntityClass,
  type EntityMetadata,
  type EventArgs,
  type EventSubscriber,
  type FlushEventArgs,
  LockMode,
  type Transaction,
  wrap,
} from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { type EntityField, type EntityFields, isLoaded } from './entity-accessor.ts';
import { UNWRITTEN } from './file-column.ts';
import { columnsBefore, forget } from './inserted-rows.ts';
import { conditionOf, keyOf } from './row-key.ts';

type Columns = Record<string, unknown>;
type Entity = EventArgs<object>;

/** What a flush does with the files of the entities it writes. */
export class FlushFiles implements EventSubscriber<object> {
  readonly #entities: EntityFields;
  readonly #transactions: LibraryTransactions<Transaction>;
  readonly afterCreate = (args: Entity): Promise<void> => this.#written(args);
  readonly afterUpdate = (args: Entity): Promise<void> => this.#written(args);
  readonly afterDelete = (args: Entity): Promise<void> => this.#written(args);

  constructor(entities: EntityFields, transactions: LibraryTransactions<Transaction>) {
    this.#entities = entities;
    this.#transactions = transactions;
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
    this.#transactions.of(em.getTransactionContext())?.throwIfEnded();
    for (const [type, fields] of this.#entities) {
      const columns = fields.flatMap(field => Object.values(field.columns));
      if (columns.length === 0) continue;
      for (const entity of uow.getIdentityMap().getStore(em.getMetadata().get(type).root).values())
        for (const column of columns) remember(entity, column, (entity as Columns)[column]);
    }
  }

  /** Changes are known, and no transaction is open unless the program opened one: here the bytes are sent. */
  async onFlush({ em, uow }: FlushEventArgs): Promise<void> {
    const all = uow.getChangeSets();
    const rows = all
      .filter(({ meta }) => this.#fields(meta).length > 0)
      .map(set => ({
        set,
        row: set.entity,
        isInserted: set.type === ChangeSetType.CREATE,
        isRemoved: set.type.startsWith(ChangeSetType.DELETE),
        isWritten: () => set.persisted === true,
      }));
    for (const { row, set, isInserted, isRemoved } of rows)
      for (const field of this.#fields(set.meta)) {
        if (isInserted)
          field.get(row); // what is empty is written, too
        // A flush that fails leaves the files to be written by the next.
        else if (!isRemoved && set.originalEntity)
          remember(row, field.name, (set.originalEntity as Columns)[field.name]);
      }
    const flush = this.#transactions.flushOf(em);
    if (!flush && rows.length > 0)
      throw new FieldFileError('invalid-argument', FORKED_TOO_EARLY, { operation: 'flush' });
    if (all.length + uow.getCollectionUpdates().length > 0)
      await flush?.begin(rows, () => em.getTransactionContext());
  }

  beforeCreate(args: Entity): void {
    const { em, entity, meta } = args;
    const before = columnsBefore(entity, meta, this.#fields(meta));
    const transaction = em.getTransactionContext();
    this.#transactions.flushOf(em)?.inserting(entity, transaction, { before, forget });
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
    this.#transactions.flushOf(args.em)?.removing(args.entity, fields, await lockedRow(args, names));
  }

  #fields(meta: EntityMetadata): readonly EntityField[] {
    return this.#entities.get(meta.class) ?? [];
  }

  /** Puts the names where the change set stands for them. */
  #fill({ em, entity, meta, changeSet }: Entity): RowChanges | undefined {
    const changes = this.#transactions.flushOf(em)?.changesOf(entity);
    const payload = changeSet?.payload as Columns;
    const isInsert = changeSet?.type === ChangeSetType.CREATE;
    for (const { name } of this.#fields(meta)) {
      if (payload[name] !== UNWRITTEN) continue;
      if (isInsert) payload[name] = null;
      else delete payload[name];
    }
    Object.assign(payload, isInsert ? changes?.insertValues() : changes?.values);
    return changes;
  }

  async #written({ em, entity }: Entity): Promise<void> {
    const flush = this.#transactions.flushOf(em);
    const { expect = {}, values = {} } = flush?.changesOf(entity) ?? {};
    await flush?.written(entity, em.getTransactionContext());
    for (const name of Object.keys(expect)) remember(entity, name, values[name]);
  }
}

/** The row's key and these columns as the database has them, locked until the transaction ends. */
function lockedRow(
  { em, entity, meta, changeSet }: Entity,
  columns: readonly string[],
): Promise<Columns | undefined> {
  const isMoved = meta.primaryKeys.some(
    name => changeSet?.type === ChangeSetType.UPDATE && name in changeSet.payload,
  );
  const { where, schema } = conditionOf(meta, keyOf(meta, entity) ?? {});
  return (em as SqlEntityManager)
    .createQueryBuilder(meta.class, undefined, 'write')
    .withSchema(schema)
    .select([...meta.primaryKeys, ...columns] as never)
    .where((isMoved ? changeSet?.getPrimaryKey(true) : where) as never)
    .setLockMode(em.isInTransaction() ? LockMode.PESSIMISTIC_WRITE : undefined)
    .cache(false)
    .execute('get');
}

/** What MikroORM compares the next time. */
function remember(entity: object, name: string, value: unknown): void {
  const known = wrap(entity, true).__originalEntityData as Columns | undefined;
  if (known) known[name] = value;
}

const FORKED_TOO_EARLY =
  'This entity manager was forked before attach(orm): fork it afterwards, so that files follow its flushes.';
