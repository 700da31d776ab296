import { FieldFileError } from '@fieldfile/core';
import { type Binding, nameQueries } from '@fieldfile/core/binding';
import type { Journal } from '@fieldfile/core/journal';
import { type DataSource, type EntityMetadata, IsNull, type ObjectLiteral } from 'typeorm';
import { keyColumns, keyOf, nested } from './keys.ts';
import { onPrimary } from './primary.ts';
import type { Target } from './registry.ts';
import type { RunnerTransactions } from './runner-driver.ts';
import { sqlExecutor } from './sql-executor.ts';

export interface EntityBindingOptions {
  readonly dataSource: DataSource;
  readonly transactions: RunnerTransactions;
  readonly journal: Journal | undefined;
  /** Answers questions about all rows. */
  readonly reader: DataSource;
}

/** What core asks of TypeORM for one entity. */
export function entityBinding(target: Target, options: EntityBindingOptions): Binding<object> {
  const { dataSource, transactions, journal, reader } = options;
  const metadata = (): EntityMetadata => dataSource.getMetadata(target);
  const inSql = (path: string): string => path.replace(/[^.]+/g, name => dataSource.driver.escape(name));
  const columnInSql = (property: string): string =>
    inSql(metadata().findColumnWithPropertyPath(property)?.databaseName ?? property);
  return {
    key(row) {
      const key = keyOf(dataSource, row);
      const own = key && dataSource.getMetadata(row.constructor);
      if (own && own.tablePath !== metadata().tablePath)
        throw new FieldFileError(
          'invalid-argument',
          `${own.name} has a table of its own: declare its files, too, beside those it inherits from ${metadata().name}.`,
          { operation: 'define' },
        );
      return key;
    },
    keyColumns: () => (dataSource.hasMetadata(target) ? keyColumns(metadata()) : undefined),
    async load(key) {
      const { manager } = transactions.open?.connection ?? dataSource;
      const row = await onPrimary(manager, primary =>
        primary.findOne(target, { where: nested(key), withDeleted: true, cache: false }),
      );
      return row ?? undefined;
    },
    update: (key, values, { expect, within }) =>
      transactions.within(transactions.current?.connection, async ({ executor, execute }) => {
        const unchanged = Object.entries(expect).map(([column, value]) => [column, value ?? IsNull()]);
        const { affected, generatedMaps } = await executor.manager
          .createQueryBuilder()
          .update(target)
          .set(values)
          .callListeners(false)
          .whereEntity(nested(key))
          .andWhere(Object.fromEntries(unchanged))
          .execute();
        if (!affected) return undefined;
        await within?.(execute);
        return generatedMaps[0] ?? ({} as ObjectLiteral);
      }),
    ...nameQueries({
      dialect: dataSource.options.type === 'postgres' ? 'postgresql' : 'sqlite',
      execute: () => (text, parameters) => transactions.reading(() => sqlExecutor(reader)(text, parameters)),
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
