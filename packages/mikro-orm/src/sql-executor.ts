import type { SqlExecutor, SqlValue } from '@fieldfile/core/journal';
import type { QueryResult, Transaction } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import type { Orm } from './attached-orm.ts';

/**
 * Runs SQL text: what `SqlJournal` takes as `execute`, made of an ORM with a pool of its own.
 *
 * @example
 * ```ts
 * import { SqlJournal } from '@fieldfile/core/journal';
 * import { sqlExecutor } from '@fieldfile/mikro-orm';
 * import { MikroORM } from '@mikro-orm/postgresql';
 *
 * const journalOrm = await MikroORM.init({ entities: [], discovery: { warnWhenNoEntities: false }, dbName: 'app', pool: { max: 1 } });
 * export const journal = new SqlJournal({ dialect: 'postgresql', execute: sqlExecutor(journalOrm) });
 * ```
 */
export function sqlExecutor(orm: Orm): SqlExecutor {
  const execute: SqlExecutor = (sql, parameters) => executorOf(orm.em)(sql, parameters);
  return Object.assign(execute, { database: orm });
}

/** Runs SQL with the database's own placeholders: in the transaction, or on a connection of its own. */
export function executorOf(em: SqlEntityManager, transaction?: Transaction): SqlExecutor {
  return async (sql, parameters) => {
    const values: SqlValue[] = [];
    // MikroORM knows question marks only.
    const text = sql.replaceAll(/\$(\d+)/g, (_, index) => {
      values.push(parameters[index - 1] ?? null);
      return '?';
    });
    const given = text === sql ? parameters : values;
    const { rows = [], affectedRows } = await em
      .getConnection('write')
      .execute<QueryResult>(text, [...given], 'run', transaction);
    return { rows, affectedRows };
  };
}

/** What tells one pool from another: a ready-made dialect that ORMs share, or Kysely's object, which is the ORM's own else. */
export function poolOf(database: object): unknown {
  if (!('em' in database)) return database;
  const { em } = database as Orm;
  const options = em.config.get('driverOptions');
  return typeof options === 'object' && 'createDriver' in options
    ? options
    : em.getConnection('write').getClient();
}
