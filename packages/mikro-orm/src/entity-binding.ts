import type { ClassOf } from '@fieldfile/core';
import { type Binding, type ColumnValues, exactly, type LibraryTransactions } from '@fieldfile/core/binding';
import type { Journal } from '@fieldfile/core/journal';
import { type EntityMetadata, isRaw, raw, type Transaction } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import type { AttachedOrm, Orm } from './attached-orm.ts';
import { dialectOf, entityNames, namesOf } from './entity-names.ts';
import { conditionOf, isInAnySchema, keyColumns, keyOf, SCHEMA } from './row-key.ts';
import { executorOf } from './sql-executor.ts';

type Columns = Record<string, unknown>;

export interface EntityBindingOptions {
  readonly orm: AttachedOrm;
  readonly transactions: LibraryTransactions<Transaction>;
  readonly journal: Journal | undefined;
  /** Sees every row, on the primary. Default: the ORM's own connection. */
  readonly reader: Orm | SqlEntityManager | undefined;
}

/** How entities of one class are persisted apart from the unit of work. Columns go by the names of properties. */
export function entityBinding<Row extends object>(
  type: ClassOf<Row>,
  { orm, transactions, journal, reader }: EntityBindingOptions,
): Binding<Row> {
  const meta = (): EntityMetadata => orm.em.getMetadata().get(type as never);
  const execute = reader && executorOf('em' in reader ? reader.em : reader);
  const names = entityNames({ em: () => orm.em, meta, execute: () => execute ?? transactions.reader });
  return {
    key: row => (orm.orm ? keyOf(meta(), row) : undefined),
    keyColumns(given) {
      if (!orm.orm) return undefined;
      const hasSchema = SCHEMA in Object(given) && isInAnySchema(meta());
      return [...keyColumns(meta()), ...(hasSchema ? [SCHEMA] : [])];
    },
    async load(key) {
      const em = orm.em.fork();
      em.setTransactionContext(transactions.executor as Transaction);
      const { where, schema } = conditionOf(meta(), key);
      const row = await em.findOne(type as never, where as never, {
        ...(schema !== undefined && { schema }),
        filters: false,
        connectionType: 'write',
        cache: false,
      });
      return (row as Row | null) ?? undefined;
    },
    update(key, values, { expect, within }) {
      const { em } = orm;
      const { where, schema } = conditionOf(meta(), key);
      const update = async (transaction: Transaction): Promise<Columns | undefined> => {
        const touched = onUpdate(em, meta(), { where, schema }, values);
        const options = { ctx: transaction, ...(schema !== undefined && { schema }) };
        const { affectedRows, row = {} } = await em
          .getDriver()
          .nativeUpdate(
            type as never,
            { ...where, ...stillEqual(em, meta(), expect) } as never,
            { ...touched, ...values } as never,
            options,
          );
        if (affectedRows === 0) return undefined;
        await within?.(transactions.execute(transaction));
        const plain = Object.entries(touched).filter(([, value]) => !isRaw(value));
        const fields = Object.keys(touched).filter(name => isRaw(touched[name]));
        const cameBack =
          dialectOf(em) === 'mysql' && fields.length > 0 // it returns nothing
            ? await em
                .getDriver()
                .findOne(type as never, where as never, { ...options, fields: fields as never })
            : em.getDriver().mapResult(row as never, meta());
        return { ...Object.fromEntries(plain), ...(cameBack as Columns) };
      };
      return transactions.during(update, work => em.getConnection('write').transactional(work));
    },
    isReferenced: async (...asked) => orm.has(type) && names.isReferenced(...asked),
    isAnyReferenced: async (...asked) => orm.has(type) && names.isAnyReferenced(...asked),
    isShared: (...asked) => names.isShared(...asked),
    names: (...asked) => names.names(...asked),
    scope: () => transactions.scope,
    joined: operation => transactions.joined(operation),
    journal,
    maxLength: field => (orm.orm ? meta().properties[field]?.length : undefined),
  };
}

/** A condition that columns still have these values, which the database's `=` may take others for. */
function stillEqual(em: SqlEntityManager, meta: EntityMetadata, expect: ColumnValues): Columns {
  const conditions = Object.entries(expect).map(([name, value]) => {
    const column = namesOf(meta, [name]).map(column => em.getPlatform().quoteIdentifier(column));
    const condition = exactly(dialectOf(em), column.join(), value);
    return condition ? [raw(condition.texts.join('?'), [...condition.values]), []] : [name, value];
  });
  return Object.fromEntries(conditions);
}

/** What `onUpdate` of the entity's properties gives; it sees a reference with the key only. */
function onUpdate(
  em: SqlEntityManager,
  meta: EntityMetadata,
  { where, schema }: ReturnType<typeof conditionOf>,
  values: ColumnValues,
): Columns {
  const fork = em.fork();
  const touched = meta.props.filter(({ name, onUpdate }) => onUpdate && !(name in values));
  const reference = (): object =>
    fork.getReference(meta.class, where, { ...(schema !== undefined && { schema }) });
  return Object.fromEntries(touched.map(({ name, onUpdate }) => [name, onUpdate?.(reference(), fork)]));
}
