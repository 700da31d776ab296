import type { SqlExecutor, SqlValue } from '@fieldfile/core/journal';
import type { QueryResult, Transaction } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';

/** Runs SQL with the database's own placeholders: in the transaction, or on a connection of its own. */
export function sqlExecutor(em: SqlEntityManager, transaction?: Transaction): SqlExecutor {
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
