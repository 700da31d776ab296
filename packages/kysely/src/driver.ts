import type { Columns, TableDriver } from '@fieldfile/core/binding';
import type { SqlExecutor } from '@fieldfile/core/journal';
import {
  CompiledQuery,
  type Expression,
  type ExpressionBuilder,
  type Kysely,
  type RawBuilder,
  type SqlBool,
  sql,
} from 'kysely';

/** A Kysely database of whatever tables. */
export type Database = Kysely<Record<string, Columns>>;

type Condition = (builder: ExpressionBuilder<Record<string, Columns>, string>) => Expression<SqlBool>;

/** What core asks of Kysely. */
export function kyselyDriver(database: Database, table: string): TableDriver<Database, Condition> {
  return {
    database,
    transaction: (outer, work) => transact(outer ?? database, work),
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
    named: (field, name) => builder => builder(fileColumn(database, field), '=', name),
    names(on, { field, after, limit, key }) {
      const name = fileColumn(on, field);
      return on
        .selectFrom(table)
        .select([...key, field])
        .where(name, '>', after)
        .orderBy(name)
        .limit(limit)
        .execute();
    },
    execute: on => sqlExecutor(on),
  };
}

/** SQLite compares bytes; PostgreSQL does when it is told to. */
const fileColumn = (db: Database, field: string): RawBuilder<string> =>
  isPostgres(db) ? sql`${sql.ref(field)} collate "C"` : sql`${sql.ref(field)}`;

let savepoints = 0;

/** Runs work in a transaction, or inside one in a savepoint. */
export async function transact<T>(on: Database, work: (transaction: Database) => Promise<T>): Promise<T> {
  if (!on.isTransaction) return on.transaction().execute(work).catch(rethrow);
  const name = sql.id(`fieldfile_${++savepoints}`);
  await sql`savepoint ${name}`.execute(on);
  try {
    const result = await work(on);
    await sql`release savepoint ${name}`.execute(on);
    return result;
  } catch (error) {
    await sql`rollback to savepoint ${name}`.execute(on);
    throw error;
  }
}

/** Kysely tells of a COMMIT that was a ROLLBACK, since a statement had failed before; core knows it by its SQLSTATE. */
function rethrow(error: unknown): never {
  if (error instanceof Error && error.name === 'AbortedTransactionError')
    Object.assign(error, { code: '25P02' });
  throw error;
}

/**
 * Runs SQL text: what `SqlJournal` takes as `execute`.
 *
 * @example
 * ```ts
 * import { SqlJournal } from '@fieldfile/core/journal';
 * import { sqlExecutor } from '@fieldfile/kysely';
 * import type { Kysely } from 'kysely';
 *
 * declare const db: Kysely<{ users: { id: number } }>;
 * export const journal = new SqlJournal({ dialect: 'postgresql', execute: sqlExecutor(db) });
 * ```
 */
export function sqlExecutor<DB>(db: Kysely<DB>): SqlExecutor {
  return async (text, parameters) => {
    const { rows, numAffectedRows } = await db.executeQuery<Columns>(
      CompiledQuery.raw(text, [...parameters]),
    );
    return { rows, ...(numAffectedRows !== undefined && { affectedRows: Number(numAffectedRows) }) };
  };
}

/** By what distinguishes its SQL: numbered parameters. */
const isPostgres = (db: Database): boolean => sql`${1}`.compile(db).sql === '$1';
