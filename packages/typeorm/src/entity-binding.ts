import { FieldFileError } from '@fieldfile/core';
import { type Binding, exactly, nameQueries } from '@fieldfile/core/binding';
import type { Journal, SqlDialectName } from '@fieldfile/core/journal';
import { type DataSource, type EntityMetadata, IsNull, type ObjectLiteral, Raw } from 'typeorm';
import { keyColumns, keyOf, nested } from './keys.ts';
import { onPrimary } from './primary.ts';
import type { Target } from './registry.ts';
import type { RunnerTransactions } from './runner-driver.ts';
import { dialectOf, sqlExecutor } from './sql-executor.ts';

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
        const query = executor.manager
          .createQueryBuilder()
          .update(target)
          .set(values)
          .callListeners(false)
          .whereEntity(nested(key));
        for (const [index, [property, value]] of Object.entries(expect).entries())
          query.andWhere({ [property]: stillEqual(dialectOf(dataSource), value, `still${index}`) });
        const { affected, generatedMaps } = await query.execute();
        if (!affected) return undefined;
        await within?.(execute);
        return generatedMaps[0] ?? ({} as ObjectLiteral);
      }),
    ...nameQueries({
      dialect: dialectOf(dataSource),
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

/** A condition on a column, as TypeORM has it: the value that it still has to have. */
function stillEqual(dialect: SqlDialectName, value: unknown, parameter: string): unknown {
  if (!exactly(dialect, '', value)) return value ?? IsNull();
  const condition = (column: string): string =>
    exactly(dialect, column, value)?.texts.join(`:${parameter}`) ?? '';
  return Raw(condition, { [parameter]: value });
}
