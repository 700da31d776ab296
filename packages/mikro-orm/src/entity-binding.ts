import type { ClassOf, RowKey } from '@fieldfile/core';
import type { Binding, ColumnValues } from '@fieldfile/core/binding';
import type { Journal } from '@fieldfile/core/journal';
import { type EntityMetadata, isRaw, Reference, type Transaction, Utils, wrap } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import type { AttachedOrm } from './attached-orm.ts';
import { sqlExecutor } from './sql-executor.ts';
import type { TransactionScopes } from './transaction-scopes.ts';

type Columns = Record<string, unknown>;

/** How entities of one class are persisted apart from the unit of work. Columns go by the names of properties. */
export function entityBinding<Row extends object>(
  type: ClassOf<Row>,
  attached: AttachedOrm,
  scopes: TransactionScopes,
  journal: Journal | undefined,
): Binding<Row> {
  const meta = (): EntityMetadata => attached.em.getMetadata().get(type as never);
  const open = (): Transaction | undefined => {
    const transaction = attached.em.getTransactionContext();
    return scopes.isOpen(transaction) ? transaction : undefined;
  };
  return {
    key: row => (attached.orm ? keyOf(meta(), row) : undefined),
    async load(key) {
      const em = attached.em.fork({ keepTransactionContext: open() !== undefined });
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
        await within?.(sqlExecutor(em, transaction));
        const plain = Object.entries(touched).filter(([, value]) => !isRaw(value));
        return { ...Object.fromEntries(plain), ...em.getDriver().mapResult(row as never, meta()) };
      };
      const transaction = open();
      return transaction ? update(transaction) : em.getConnection('write').transactional(update);
    },
    async isReferenced(field, name) {
      const { table, column } = sqlNames(attached.em, meta(), field);
      const rows = await attached.em
        .getConnection('write')
        .execute(`SELECT 1 FROM ${table} WHERE ${column} = ? LIMIT 1`, [name]);
      return rows.length > 0;
    },
    async names(field, { after = '', limit }) {
      const { table, column, selected } = sqlNames(attached.em, meta(), field);
      const rows = await attached.em
        .getConnection('write')
        .execute(`SELECT ${selected} FROM ${table} WHERE ${column} > ? ORDER BY ${column} LIMIT ?`, [
          after,
          limit,
        ]);
      return rows.map(found => {
        const row = attached.em.getDriver().mapResult(found, meta()) as Columns;
        return { key: keyOf(meta(), row) ?? {}, name: row[field] as string };
      });
    },
    scope: () => scopes.join(attached.orm?.em.getTransactionContext()),
    journal,
    maxLength: field => (attached.orm ? meta().properties[field]?.length : undefined),
  };
}

/** A loop, not a callback: a closure over the row may be kept by the engine, and the row with it. */
export function keyOf(meta: EntityMetadata, row: object): RowKey | undefined {
  const key: Columns = {};
  for (const name of meta.primaryKeys) {
    const value = Reference.unwrapReference((row as Columns)[name] as object);
    key[name] = Utils.isEntity(value) ? wrap(value, true).getPrimaryKey() : value;
    if (key[name] === undefined || key[name] === null) return undefined;
  }
  return key;
}

/** What `onUpdate` of the entity's properties gives; it sees a reference with the key only. */
function onUpdate(em: SqlEntityManager, meta: EntityMetadata, key: RowKey, values: ColumnValues): Columns {
  const fork = em.fork();
  const touched: Columns = {};
  for (const { name, onUpdate } of meta.props)
    if (onUpdate && !(name in values)) touched[name] = onUpdate(fork.getReference(meta.class, key), fork);
  return touched;
}

interface SqlNames {
  readonly table: string;
  /** As it is compared and ordered: by bytes. SQLite does by itself. */
  readonly column: string;
  /** The key and the column. */
  readonly selected: string;
}

function sqlNames(em: SqlEntityManager, meta: EntityMetadata, field: string): SqlNames {
  const platform = em.getPlatform();
  const fieldNames = (name: string): string[] => meta.properties[name]?.fieldNames ?? [name];
  const quoted = [...meta.primaryKeys, field].flatMap(fieldNames).map(name => platform.quoteIdentifier(name));
  // Only PostgreSQL's default schema is called so.
  const collation = platform.getDefaultSchemaName() === 'public' ? ' COLLATE "C"' : '';
  return {
    table: platform.quoteIdentifier(meta.schema ? `${meta.schema}.${meta.tableName}` : meta.tableName),
    column: `${quoted.at(-1)}${collation}`,
    selected: quoted.join(', '),
  };
}
