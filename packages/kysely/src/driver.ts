import type { Begin, Columns, TableDriver } from '@fieldfile/core/binding';
import type { SqlExecutor } from '@fieldfile/core/journal';
import {
  CompiledQuery,
  type Expression,
  type ExpressionBuilder,
  type Kysely,
  type SqlBool,
  sql,
} from 'kysely';

/** A Kysely database of whatever tables. */
export type Database = Kysely<Record<string, Columns>>;

type Condition = (builder: ExpressionBuilder<Record<string, Columns>, string>) => Expression<SqlBool>;

/** What core asks of Kysely about one table. */
export function kyselyDriver(database: Database, table: string): TableDriver<Database, Condition> {
  return {
    dialect: isPostgres(database) ? 'postgresql' : 'sqlite',
    async select(on, where, { columns, limit } = {}) {
      const query = on.selectFrom(table).where(where);
      const rows = columns ? query.select([...columns]) : query.selectAll();
      return (limit === undefined ? rows : rows.limit(limit)).execute();
    },
    insert: (on, values) => on.insertInto(table).values(values).returningAll().executeTakeFirstOrThrow(),
    async update(on, where, values) {
      const { numUpdatedRows } = await on
        .updateTable(table)
        .set(values)
        .where(where)
        .executeTakeFirstOrThrow();
      return Number(numUpdatedRows);
    },
    delete: (on, where, columns) =>
      on
        .deleteFrom(table)
        .where(where)
        .returning([...columns])
        .execute(),
    matching: values => builder =>
      builder.and(
        Object.entries(values).map(([column, value]) =>
          value === null ? builder(column, 'is', null) : builder(column, '=', value),
        ),
      ),
    execute: sqlExecutor,
    tableInSql: () => sql.table(table).compile(database).sql,
    columnInSql: column => sql.ref(column).compile(database).sql,
  };
}

/** Opens a transaction. */
export const begin =
  (database: Database): Begin<Database> =>
  work =>
    database
      .transaction()
      .execute(work)
      .catch(error => {
        // Kysely tells of a COMMIT that was a ROLLBACK, since a statement had failed before; core knows it by its SQLSTATE.
        if (error instanceof Error && error.name === 'AbortedTransactionError')
          Object.assign(error, { code: '25P02' });
        throw error;
      });

/**
 * Runs SQL text: what `SqlJournal` takes as `execute`, made of a database on a pool of its own.
 *
 * @example
 * ```ts
 * import { SqlJournal } from '@fieldfile/core/journal';
 * import { sqlExecutor } from '@fieldfile/kysely';
 * import { Kysely, PostgresDialect } from 'kysely';
 * import { Pool } from 'pg';
 *
 * const journalDb = new Kysely({ dialect: new PostgresDialect({ pool: new Pool({ max: 1 }) }) });
 * export const journal = new SqlJournal({ dialect: 'postgresql', execute: sqlExecutor(journalDb) });
 * ```
 */
export function sqlExecutor<DB>(db: Kysely<DB>): SqlExecutor {
  const execute: SqlExecutor = async (text, parameters) => {
    const { rows, numAffectedRows } = await db.executeQuery<Columns>(
      CompiledQuery.raw(text, [...parameters]),
    );
    return { rows, ...(numAffectedRows !== undefined && { affectedRows: Number(numAffectedRows) }) };
  };
  return Object.assign(execute, { database: db });
}

/** By what distinguishes its SQL: numbered parameters. */
const isPostgres = (db: Database): boolean => sql`${1}`.compile(db).sql === '$1';
