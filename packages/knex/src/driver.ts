import { FieldFileError } from '@fieldfile/core';
import { type Columns, exactly, type TableDriver, withoutReturning } from '@fieldfile/core/binding';
import type { SqlExecutor } from '@fieldfile/core/journal';
import type { Knex } from 'knex';

/** Which rows: what Knex's own `where` takes. */
export type Where<Row extends object = Columns> =
  | Partial<Row>
  | Knex.Raw
  | ((builder: Knex.QueryBuilder<Row, unknown>) => void);

/** What this package uses of Knex's client, which has no types of its own. */
interface Client {
  readonly dialect: string;
  readonly pool: object;
  acquireConnection(): Promise<object>;
  releaseConnection(connection: object): Promise<void>;
  query(connection: object, query: object): Promise<{ readonly response: Response }>;
}

/** Rows, or an object with them: as drivers answer. MySQL's gives such a thing and its columns. */
type Response = Answer | readonly [answer: Answer, columns: unknown];
type Answer =
  | readonly Columns[]
  | {
      readonly rows?: readonly Columns[];
      readonly rowCount?: number;
      readonly changes?: number;
      readonly affectedRows?: number;
    };

const clientOf = (db: Knex): Client => db.client as Client;

/** What core asks of Knex about one table. */
export function knexDriver(db: Knex, table: string, key: readonly string[]): TableDriver<Knex, Where> {
  const dialect = dialectOf(db);
  const inSql = (identifier: string): string => db.raw('??', [identifier]).toSQL().sql;
  // As `wrapIdentifier` makes it: `profilePicture` may be `profile_picture`.
  const inDatabase = (column: string): string => {
    const quoted = inSql(column);
    return quoted.slice(1, -1).replaceAll(quoted.charAt(0).repeat(2), quoted.charAt(0));
  };
  /** Rows as the database has them, by the names that the application has: `postProcessResponse` reads nothing out of them. */
  const read = async (on: Knex, sql: string, values: readonly unknown[], columns: readonly string[]) => {
    const { rows } = await send(on, sql, values);
    return rows.map(row => Object.fromEntries(columns.map(column => [column, row[inDatabase(column)]])));
  };
  const found = (on: Knex, where: Where): Knex.QueryBuilder => on(table).where(where as Columns);
  const driver: Pick<TableDriver<Knex, Where>, 'select' | 'matching'> = {
    async select(on, where, { columns, limit, lock } = {}) {
      const query = found(on, where).select(columns ?? '*');
      if (limit !== undefined) query.limit(limit);
      if (lock) query.forUpdate();
      const { sql, bindings } = query.toSQL();
      return columns ? read(on, sql, bindings, columns) : query;
    },
    matching:
      (rows, expected = {}) =>
      builder => {
        builder.where(any => {
          for (const row of rows) any.orWhere(row);
        });
        for (const [column, value] of Object.entries(expected)) {
          const condition = exactly(dialect, inSql(column), value);
          if (condition) {
            const texts = condition.texts.map(text => text.replaceAll('?', '\\?'));
            builder.whereRaw(texts.join('?'), condition.values);
          } else builder.where({ [column]: value });
        }
      },
  };
  return {
    ...driver,
    dialect,
    async insert(on, values) {
      const defaults = Object.keys(values).length === 0 && dialect === 'sqlite'; // of these, Knex 3.1 returns nothing
      const [row] = defaults
        ? await on.raw('insert into ?? default values returning *', [table])
        : await on(table).insert(values).returning('*');
      return row;
    },
    async delete(on, where, columns) {
      const { sql, bindings } = found(on, where).delete().toSQL(); // on SQLite it leaves out a `returning`
      return read(on, `${sql} returning ${columns.map(inSql)}`, bindings, columns);
    },
    ...(dialect === 'mysql' &&
      withoutReturning<Knex, Where>(
        {
          ...driver,
          insert: async (on, values) => (await on(table).insert(values))[0],
          remove: (on, where) => found(on, where).delete(),
        },
        key,
      )),
    async update(on, where, values) {
      return Number(await found(on, where).update(values));
    },
    execute: sqlExecutor,
    tableInSql: () => inSql(table),
    columnInSql: inSql,
  };
}

/**
 * Runs SQL text, past `wrapIdentifier` and `postProcessResponse`: what `SqlJournal` takes as `execute`, made of a database
 * on a pool of its own.
 *
 * @example
 * ```ts
 * import { SqlJournal } from '@fieldfile/core/journal';
 * import { sqlExecutor } from '@fieldfile/knex';
 * import knex from 'knex';
 *
 * const journalDb = knex({ client: 'pg', connection: 'postgresql://localhost/app', pool: { min: 0, max: 1 } });
 * export const journal = new SqlJournal({ dialect: 'postgresql', execute: sqlExecutor(journalDb) });
 * ```
 */
export function sqlExecutor(db: Knex): SqlExecutor {
  const execute: SqlExecutor = (text, parameters) => send(db, text, parameters);
  return Object.assign(execute, { database: db });
}

async function send(on: Knex, sql: string, bindings: readonly unknown[]): ReturnType<SqlExecutor> {
  const client = clientOf(on);
  const connection = await client.acquireConnection();
  try {
    const { response } = await client.query(connection, { sql, bindings: [...bindings], method: 'raw' });
    const answer = (client.dialect === 'mysql' ? Reflect.get(response, 0) : response) as Answer;
    if ('length' in answer) return { rows: answer };
    const { rows = [], rowCount, changes = rowCount, affectedRows = changes } = answer;
    return { rows, ...(typeof affectedRows === 'number' && { affectedRows }) };
  } finally {
    await client.releaseConnection(connection);
  }
}

/** Whether they came of one `knex(…)`, which `withUserParams` copies. */
export const haveSamePool = (one: Knex, other: object): boolean =>
  'client' in other && clientOf(other as Knex)?.pool === clientOf(one).pool;

/** @throws `unsupported` for a database on which this package was not tried. */
export function dialectOf(db: Knex): 'postgresql' | 'mysql' | 'sqlite' {
  const { dialect } = clientOf(db);
  if (dialect === 'postgresql' || dialect === 'mysql') return dialect;
  if (dialect === 'sqlite3') return 'sqlite';
  throw new FieldFileError(
    'unsupported',
    `Files of Knex's rows need PostgreSQL, MySQL, MariaDB or SQLite, not ${dialect}.`,
    { operation: 'KnexFiles' },
  );
}
