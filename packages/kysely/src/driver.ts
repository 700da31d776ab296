import {
  askBeforeCommit,
  type Begin,
  type Columns,
  exactly,
  type TableDriver,
  withoutReturning,
} from '@fieldfile/core/binding';
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
export function kyselyDriver(
  database: Database,
  table: string,
  key: readonly string[],
): TableDriver<Database, Condition> {
  const dialect = dialectOf(database);
  const inSql = (column: string): string => sql.ref(column).compile(database).sql;
  const insert = (on: Database, values: Columns) => {
    const query = on.insertInto(table);
    return Object.keys(values).length > 0 || dialect === 'mysql'
      ? query.values(values)
      : query.defaultValues();
  };
  const driver = {
    async select(on, where, { columns, limit, lock } = {}) {
      const query = on
        .selectFrom(table)
        .where(where)
        .$if(lock === true, locked => locked.forUpdate());
      const rows = columns ? query.select([...columns]) : query.selectAll();
      const text = asText(limit === undefined ? rows : rows.limit(limit));
      return columns ? inDatabase(on, text, columns) : (await on.executeQuery<Columns>(text)).rows;
    },
    matching:
      (rows, expected = {}) =>
      builder => {
        const has = ([column, value]: [string, unknown]): Expression<SqlBool> =>
          value === null ? builder(column, 'is', null) : builder(column, '=', value);
        const hasStill = ([column, value]: [string, unknown]): Expression<SqlBool> => {
          const condition = exactly(dialect, inSql(column), value);
          if (!condition) return has([column, value]);
          const { texts, values } = condition;
          return sql<SqlBool>(Object.assign([...texts], { raw: texts }), ...values);
        };
        return builder.and([
          builder.or(rows.map(row => builder.and(Object.entries(row).map(has)))),
          ...Object.entries(expected).map(hasStill),
        ]);
      },
  } satisfies Pick<TableDriver<Database, Condition>, 'select' | 'matching'>;
  return {
    ...driver,
    dialect,
    insert: (on, values) => insert(on, values).returningAll().executeTakeFirstOrThrow(),
    delete(on, where, columns) {
      const query = on.deleteFrom(table).where(where);
      return inDatabase(on, asText(query.returning([...columns])), columns);
    },
    ...(dialect === 'mysql' &&
      withoutReturning<Database, Condition>(
        {
          ...driver,
          insert: async (on, values) => (await insert(on, values).executeTakeFirstOrThrow()).insertId,
          remove: (on, where) => on.deleteFrom(table).where(where).execute(),
        },
        key,
      )),
    async update(on, where, values) {
      const { numUpdatedRows } = await on
        .updateTable(table)
        .set(values)
        .where(where)
        .executeTakeFirstOrThrow();
      return Number(numUpdatedRows);
    },
    execute: sqlExecutor,
    // Out of a query: what is compiled by itself gets no schema of `withSchema`.
    tableInSql: () => database.deleteFrom(table).compile().sql.slice('delete from '.length),
    columnInSql: inSql,
  };
}

/**
 * A query as the text that it is: what sends reads to a replica by the kind of a query leaves it on the primary. Plugins
 * have seen it, and find its result by its id.
 */
function asText(query: { compile(): CompiledQuery }): CompiledQuery<Columns> {
  const { sql, parameters, queryId } = query.compile();
  return { ...CompiledQuery.raw(sql, [...parameters]), queryId } as CompiledQuery<Columns>;
}

/** Rows as the database has them, by the names that the application has: no plugin reads names out of them. */
async function inDatabase(
  on: Database,
  query: CompiledQuery<Columns>,
  columns: readonly string[],
): Promise<Columns[]> {
  const { rows } = await on.withoutPlugins().executeQuery(query);
  const names = columns.map(column => [column, nameInDatabase(on, column)] as const);
  return rows.map(row => Object.fromEntries(names.map(([column, name]) => [column, row[name]])));
}

/** As plugins make it: `profilePicture` may be `profile_picture`. */
function nameInDatabase(database: Database, column: string): string {
  const quoted = sql.ref(column).compile(database).sql;
  const quote = quoted.charAt(0);
  return quoted.slice(1, -1).replaceAll(quote + quote, quote);
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

/** As `begin`, for work in which a statement may fail and be caught: the drivers of other packages do not tell of that. */
export const beginAsking = (database: Database): Begin<Database> =>
  dialectOf(database) !== 'postgresql'
    ? begin(database)
    : work =>
        begin(database)(async transaction => {
          const result = await work(transaction);
          await askBeforeCommit(sqlExecutor(transaction));
          return result;
        });

/**
 * Runs SQL text, past all plugins: what `SqlJournal` takes as `execute`, made of a database on a pool of its own.
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
    const { rows, numAffectedRows } = await db
      .withoutPlugins()
      .executeQuery<Columns>(CompiledQuery.raw(text, [...parameters]));
    return { rows, ...(numAffectedRows !== undefined && { affectedRows: Number(numAffectedRows) }) };
  };
  return Object.assign(execute, { database: db });
}

/** Whether they came of one `new Kysely`: with plugins, a schema, or as they are. */
export const haveSamePool = (one: Database, other: object): boolean =>
  'getExecutor' in other && (other as Database).getExecutor().adapter === one.getExecutor().adapter;

/** By what distinguishes its SQL: how parameters and names are written. */
export function dialectOf(db: Database): 'postgresql' | 'mysql' | 'sqlite' {
  const text = sql`${1} ${sql.ref('a')}`.compile(db).sql;
  return text.startsWith('$1') ? 'postgresql' : text.includes('`') ? 'mysql' : 'sqlite';
}
