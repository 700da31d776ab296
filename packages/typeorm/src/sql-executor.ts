import type { SqlExecutor } from '@fieldfile/core/journal';
import type { QueryRunner } from 'typeorm';

/**
 * Runs SQL text: what `SqlJournal` takes as `execute` is that of the data source, whose statements get connections of
 * their own.
 *
 * @example
 * ```ts
 * import { SqlJournal } from '@fieldfile/core/journal';
 * import { sqlExecutor } from '@fieldfile/typeorm';
 * import type { DataSource } from 'typeorm';
 *
 * declare const dataSource: DataSource;
 * export const journal = new SqlJournal({ dialect: 'postgresql', execute: sqlExecutor(dataSource) });
 * ```
 */
export function sqlExecutor(on: { createQueryRunner(): QueryRunner } | QueryRunner): SqlExecutor {
  return async (text, parameters) => {
    const own = 'createQueryRunner' in on ? on.createQueryRunner() : undefined;
    try {
      const runner = own ?? (on as QueryRunner);
      const { records, affected } = await runner.query(text, [...parameters], true);
      return { rows: records, ...(affected !== undefined && { affectedRows: affected }) };
    } finally {
      await own?.release();
    }
  };
}
