import { type Binding, nameQueries, pickKey } from '@fieldfile/core/binding';
import type { Journal } from '@fieldfile/core/journal';
import { type DataSource, type EntityMetadata, IsNull, type ObjectLiteral } from 'typeorm';
import { keyColumns, type Target } from './registry.ts';
import type { RunnerTransactions } from './runner-driver.ts';
import { sqlExecutor } from './sql-executor.ts';

/** What core asks of TypeORM for one entity. */
export function entityBinding(
  dataSource: DataSource,
  target: Target,
  transactions: RunnerTransactions,
  journal: Journal | undefined,
): Binding<object> {
  const metadata = (): EntityMetadata => dataSource.getMetadata(target);
  const inSql = (path: string): string => path.replace(/[^.]+/g, name => dataSource.driver.escape(name));
  const columnInSql = (property: string): string =>
    inSql(metadata().findColumnWithPropertyName(property)?.databaseName ?? property);
  return {
    key: row => (dataSource.hasMetadata(target) ? pickKey(row, keyColumns(metadata())) : undefined),
    keyColumns: () => (dataSource.hasMetadata(target) ? keyColumns(metadata()) : undefined),
    async load(key) {
      const { manager } = transactions.open?.connection ?? dataSource;
      return (await manager.findOne(target, { where: key, withDeleted: true })) ?? undefined;
    },
    update: (key, values, { expect, within }) =>
      transactions.within(transactions.current?.connection, async ({ executor, execute }) => {
        const unchanged = Object.entries(expect).map(([column, value]) => [column, value ?? IsNull()]);
        const { affected, generatedMaps } = await executor.manager
          .createQueryBuilder()
          .update(target)
          .set(values)
          .callListeners(false)
          .whereEntity({ ...key })
          .andWhere(Object.fromEntries(unchanged))
          .execute();
        if (!affected) return undefined;
        await within?.(execute);
        return generatedMaps[0] ?? ({} as ObjectLiteral);
      }),
    ...nameQueries({
      dialect: dataSource.options.type === 'postgres' ? 'postgresql' : 'sqlite',
      execute: () => (text, parameters) =>
        transactions.reading(() => sqlExecutor(dataSource)(text, parameters)),
      columnOf: field => ({
        table: inSql(metadata().tablePath),
        column: columnInSql(field),
        key: Object.fromEntries(keyColumns(metadata()).map(property => [property, columnInSql(property)])),
      }),
    }),
    scope: () => transactions.open?.scope,
    journal,
    maxLength: field => Number(metadata().findColumnWithPropertyName(field)?.length) || undefined,
  };
}
