import type { RowKey } from '@fieldfile/core';
import type { Binding } from '@fieldfile/core/binding';
import type { Journal } from '@fieldfile/core/journal';
import {
  type DataSource,
  type EntityManager,
  type EntityMetadata,
  IsNull,
  type ObjectLiteral,
  type QueryRunner,
  type SelectQueryBuilder,
} from 'typeorm';
import type { Target } from './registry.ts';
import type { RunnerTransactions } from './runner-transactions.ts';
import { sqlExecutor } from './sql-executor.ts';

/** What core asks of TypeORM for one entity. */
export function entityBinding(
  dataSource: DataSource,
  target: Target,
  transactions: RunnerTransactions,
  journal: Journal | undefined,
): Binding<object> {
  const metadata = (): EntityMetadata => dataSource.getMetadata(target);
  const rows = (manager: EntityManager): SelectQueryBuilder<ObjectLiteral> =>
    manager.createQueryBuilder(target, 'entity').withDeleted();
  /** PostgreSQL takes the index of `fileIndex` for its own order only, which is a sweep's, too. */
  const ordered = (field: string): string =>
    `entity.${field}${dataSource.options.type === 'postgres' ? ' COLLATE "C"' : ''}`;
  return {
    key: row => (dataSource.hasMetadata(target) ? keyOf(metadata(), row) : undefined),
    async load(key) {
      const { manager } = transactions.runner ?? dataSource;
      return (await manager.findOne(target, { where: key, withDeleted: true })) ?? undefined;
    },
    async update(key, values, { expect, within }) {
      const write = async (runner: QueryRunner) => {
        const unchanged = Object.entries(expect).map(([column, value]) => [column, value ?? IsNull()]);
        const { affected, generatedMaps } = await runner.manager
          .createQueryBuilder()
          .update(target)
          .set(values)
          .callListeners(false)
          .whereEntity({ ...key })
          .andWhere(Object.fromEntries(unchanged))
          .execute();
        if (!affected) return undefined;
        await within?.(sqlExecutor(runner));
        return generatedMaps[0] ?? {};
      };
      const { runner } = transactions;
      return runner ? write(runner) : dataSource.transaction(({ queryRunner }) => write(opened(queryRunner)));
    },
    isReferenced: (field, name) =>
      transactions.run(async () => {
        const primary = dataSource.createQueryRunner('master');
        try {
          return await rows(primary.manager)
            .where(`${ordered(field)} = :name`, { name })
            .getExists();
        } finally {
          await primary.release();
        }
      }),
    async names(field, { after = '', limit }) {
      const query = rows(dataSource.manager).select(`entity.${field}`, 'name');
      for (const { propertyPath } of metadata().primaryColumns)
        query.addSelect(`entity.${propertyPath}`, propertyPath);
      const found = await query
        .where(`${ordered(field)} > :after`, { after })
        .orderBy(ordered(field))
        .limit(limit)
        .getRawMany();
      return found.map(row => ({ key: keyOf(metadata(), row) ?? {}, name: row.name }));
    },
    scope: () => transactions.scope(transactions.runner),
    journal,
    maxLength: field => Number(metadata().findColumnWithPropertyName(field)?.length) || undefined,
  };
}

/** That of a manager in its transaction. */
export function opened(runner: QueryRunner | undefined): QueryRunner {
  if (!runner) throw new Error('A transaction has no query runner.');
  return runner;
}

/** A loop, not a callback: a closure over the row may be kept by the engine, and the row with it. */
export function keyOf({ primaryColumns }: EntityMetadata, row: object): RowKey | undefined {
  const key: Record<string, unknown> = {};
  for (const { propertyName } of primaryColumns) {
    const value = Reflect.get(row, propertyName);
    if (value === undefined || value === null) return undefined;
    key[propertyName] = value;
  }
  return key;
}
