import type { SqlExecutor } from '@fieldfile/core/journal';
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
  return Object.assign(executorOf(orm.em), { database: orm });
}

/** Runs SQL with the database's own placeholders: in the transaction, or on a connection of its own. */
export function executorOf(em: SqlEntityManager, transaction?: Transaction): SqlExecutor {
  return async (sql, parameters) => {
    // MikroORM knows question marks only.
    const numbered = [...sql.matchAll(/\$(\d+)/g)].map(([, index]) => parameters[Number(index) - 1] ?? null);
    const text = sql.replaceAll(/\$\d+/g, '?');
    const { rows = [], affectedRows } = await em
      .getConnection('write')
      .execute<QueryResult>(text, numbered.length > 0 ? numbered : [...parameters], 'run', transaction);
    return { rows, affectedRows };
  };
}

/** Kysely's object, which ORMs can share. */
export function poolOf(database: object): object {
  if (!('em' in database)) return database;
  const connection = (database as Orm).em.getConnection('write');
  try {
    return connection.getClient();
  } catch {
    return connection; // MySQL's is made when it is first used: it is nobody else's
  }
}
