import type { ClassOf, RowKey } from '@fieldfile/core';
import {
  type Binding,
  type ColumnInSql,
  type ColumnValues,
  type LibraryTransactions,
  nameQueries,
  pickKey,
} from '@fieldfile/core/binding';
import type { Journal } from '@fieldfile/core/journal';
import { type EntityMetadata, isRaw, Reference, type Transaction, Utils, wrap } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import type { AttachedOrm } from './attached-orm.ts';

type Columns = Record<string, unknown>;

/** How entities of one class are persisted apart from the unit of work. Columns go by the names of properties. */
export function entityBinding<Row extends object>(
  type: ClassOf<Row>,
  attached: AttachedOrm,
  transactions: LibraryTransactions<Transaction>,
  journal: Journal | undefined,
): Binding<Row> {
  const meta = (): EntityMetadata => attached.em.getMetadata().get(type as never);
  const queries = (): ReturnType<typeof nameQueries> =>
    nameQueries({
      // Only PostgreSQL's default schema is called so.
      dialect: attached.em.getPlatform().getDefaultSchemaName() === 'public' ? 'postgresql' : 'sqlite',
      execute: () => transactions.reader,
      columnOf: field => columnOf(attached.em, meta(), field),
    });
  return {
    key: row => (attached.orm ? keyOf(meta(), row) : undefined),
    async load(key) {
      const em = attached.em.fork();
      em.setTransactionContext(transactions.executor as Transaction);
      return ((await em.findOne(type as never, key as never, { filters: false })) as Row | null) ?? undefined;
    },
    update(key, values, { expect, within }) {
      const { em } = attached;
      const update = async (transaction: Transaction): Promise<Columns | undefined> => {
        const touched = onUpdate(em, meta(), key, values);
        const { affectedRows, row = {} } = await em
          .getDriver()
          .nativeUpdate(type as never, { ...key, ...expect } as never, { ...touched, ...values } as never, {
            ctx: transaction,
          });
        if (affectedRows === 0) return undefined;
        await within?.(transactions.execute(transaction));
        const plain = Object.entries(touched).filter(([, value]) => !isRaw(value));
        return { ...Object.fromEntries(plain), ...em.getDriver().mapResult(row as never, meta()) };
      };
      return transactions.during(update, work => em.getConnection('write').transactional(work));
    },
    isReferenced: (fields, name, options) => queries().isReferenced(fields, name, options),
    async names(field, options) {
      const found = await queries().names(field, options);
      return found.map(({ key, name }) => {
        const row = attached.em.getDriver().mapResult(key as never, meta()) as Columns;
        return { key: keyOf(meta(), row) ?? {}, name };
      });
    },
    scope: () => transactions.scope,
    joined: operation => transactions.joined(operation),
    journal,
    maxLength: field => (attached.orm ? meta().properties[field]?.length : undefined),
  };
}

/** A part of a key may be another entity, or a reference to one: then it is that one's key. */
export function keyOf(meta: EntityMetadata, row: object): RowKey | undefined {
  const key = pickKey(row, meta.primaryKeys);
  return key && Object.fromEntries(Object.entries(key).map(([name, part]) => [name, scalarOf(part)]));
}

function scalarOf(part: unknown): unknown {
  const value = Reference.unwrapReference(part as object);
  return Utils.isEntity(value) ? wrap(value, true).getPrimaryKey() : value;
}

/** What `onUpdate` of the entity's properties gives; it sees a reference with the key only. */
function onUpdate(em: SqlEntityManager, meta: EntityMetadata, key: RowKey, values: ColumnValues): Columns {
  const fork = em.fork();
  const touched = meta.props.filter(({ name, onUpdate }) => onUpdate && !(name in values));
  const reference = (): object => fork.getReference(meta.class, key);
  return Object.fromEntries(touched.map(({ name, onUpdate }) => [name, onUpdate?.(reference(), fork)]));
}

function columnOf(em: SqlEntityManager, meta: EntityMetadata, field: string): ColumnInSql {
  const quoted = (name: string): string => em.getPlatform().quoteIdentifier(name);
  const columns = (name: string): string[] => meta.properties[name]?.fieldNames ?? [name];
  return {
    table: quoted(meta.schema ? `${meta.schema}.${meta.tableName}` : meta.tableName),
    column: columns(field).map(quoted).join(),
    key: Object.fromEntries(meta.primaryKeys.flatMap(columns).map(name => [name, quoted(name)])),
  };
}
