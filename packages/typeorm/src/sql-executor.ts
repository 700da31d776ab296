import type { SqlDialectName, SqlExecutor } from '@fieldfile/core/journal';
import type { DataSource, QueryRunner } from 'typeorm';

/**
 * Runs SQL text: what `SqlJournal` takes as `execute`, made of a data source on a pool of its own.
 *
 * @example
 * ```ts
 * import { SqlJournal } from '@fieldfile/core/journal';
 * import { sqlExecutor } from '@fieldfile/typeorm';
 * import { DataSource } from 'typeorm';
 *
 * export const journalSource = new DataSource({ type: 'postgres', url: process.env.DATABASE_URL ?? '', poolSize: 1 });
 * export const journal = new SqlJournal({ dialect: 'postgresql', execute: sqlExecutor(journalSource) });
 * ```
 */
export function sqlExecutor(on: { createQueryRunner(): QueryRunner } | QueryRunner): SqlExecutor {
  const execute: SqlExecutor = async (text, parameters) => {
    const own = 'createQueryRunner' in on ? on.createQueryRunner() : undefined;
    try {
      const runner = own ?? (on as QueryRunner);
      const { records, affected } = await runner.query(text, [...parameters], true);
      return { rows: records, ...(affected !== undefined && { affectedRows: affected }) };
    } finally {
      await own?.release();
    }
  };
  return Object.assign(execute, { database: on });
}

export function dialectOf({ options: { type } }: DataSource): SqlDialectName {
  if (type === 'postgres') return 'postgresql';
  return type === 'mysql' || type === 'mariadb' ? type : 'sqlite';
}
