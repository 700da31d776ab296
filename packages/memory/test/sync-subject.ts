import { DatabaseSync } from 'node:sqlite';
import type {
  BindingSetup,
  BindingUnderTest,
  DocumentRow,
  SyncRowOperations,
  SyncTransactions,
} from '@fieldfile/conformance/binding';
import type { FileField } from '@fieldfile/core';
import {
  type Columns,
  exactly,
  SynchronousDatabase,
  type SynchronousDatabaseOptions,
  savepointSync,
  type TableDriver,
  TableFiles,
  type TableFilesOptions,
} from '@fieldfile/core/binding';
import { journalTable, SqlJournal, type SqlValue, type SyncSqlExecutor } from '@fieldfile/core/journal';
import { sqliteContract } from '@fieldfile/test-servers/databases';

export type Row = DocumentRow & Columns;
export type SyncSubject = BindingUnderTest<Row, Columns>;

/** SQL text with its values: what this small query builder has for a condition. */
export interface Where {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** What a mutant does otherwise. */
export interface SyncMutation {
  /** Default: beside the rows, in a database of its own. */
  readonly journal?: 'among the rows';
  readonly database?: (
    options: SynchronousDatabaseOptions<DatabaseSync>,
  ) => Partial<SynchronousDatabaseOptions<DatabaseSync>>;
  readonly driver?: (driver: TableDriver<DatabaseSync, Where>) => Partial<TableDriver<DatabaseSync, Where>>;
  readonly subject?: (
    subject: SyncSubject,
    transactions: SyncTransactions<Row>,
    database: SynchronousDatabase<DatabaseSync>,
  ) => Partial<SyncSubject>;
}

/** The reference of a binding whose driver answers at once: `node:sqlite`, with the smallest query builder there can be. */
export async function syncSubject(
  { field, journaled }: BindingSetup,
  mutation: SyncMutation = {},
): Promise<SyncSubject> {
  const contract = await sqliteContract();
  const connection = new DatabaseSync(contract.url);
  for (const statement of journalTable('sqlite')) connection.exec(statement);
  const among = new SqlJournal({
    dialect: 'sqlite',
    execute: async (sql, parameters) => execute(connection)(sql, parameters),
  });
  const own = mutation.journal === 'among the rows' ? among : contract.journal;
  const journal = journaled ? own : undefined;
  const options: SynchronousDatabaseOptions<DatabaseSync> = {
    executor: connection,
    begin(work) {
      connection.exec('BEGIN IMMEDIATE');
      try {
        const result = work(connection);
        connection.exec('COMMIT');
        return result;
      } catch (error) {
        if (connection.isTransaction) connection.exec('ROLLBACK');
        throw error;
      }
    },
    savepoint: outer => savepointSync(outer, execute),
    execute,
    isInTransaction: () => connection.isTransaction,
    journal,
  };
  const database = new SynchronousDatabase({ ...options, ...mutation.database?.(options) });
  const table = (
    name: string,
    key: readonly string[],
    fields: TableFilesOptions<DatabaseSync, Where>['fields'],
  ): TableFiles<DatabaseSync, Where> =>
    new TableFiles({
      name,
      key,
      fields,
      database,
      driver: { ...driver(name), ...mutation.driver?.(driver(name)) },
    });
  const documents = table('documents', ['id'], { avatar: field as never, cover: { storage: field.storage } });
  const pages = table('pages', ['document', 'number'], { avatar: { storage: field.storage } });
  const declared = (files: TableFiles<DatabaseSync, Where>, column: string) =>
    files.fields[column] as unknown as FileField<Columns, never, never>;

  const find = (id: number): Row | undefined =>
    execute(connection)('SELECT * FROM documents WHERE id = ?', [id]).rows[0] as Row | undefined;
  const atOnce: SyncRowOperations<Row> = {
    insert: row => documents.insertSync(row) as Row,
    find,
    save: (row, values) => documents.updateSync(row, { ...values }),
    remove: row => void documents.deleteSync(row),
    removeAll: () => void documents.deleteWhereSync(EVERY),
    sql: text => connection.exec(text),
    savepoint: work => database.transaction(() => work(atOnce)),
  };
  const transactions: SyncTransactions<Row> = {
    transaction: work => database.transaction(() => work(atOnce)),
    settled: () => database.settled(),
  };
  const { other, breakJournal } = contract;
  const subject: SyncSubject = {
    other,
    ...(breakJournal && own !== among && { breakJournal }),
    make: values => documents.draft({ name: 'a document', ...values }) as Row,
    insert: row => documents.insert(row) as Promise<Row>,
    find: async id => find(id),
    findPartially: async id =>
      execute(connection)('SELECT id, name FROM documents WHERE id = ?', [id]).rows[0] as Row | undefined,
    save: (row, values) => documents.update(row, { ...values }),
    remove: async row => void (await documents.delete(row)),
    updateAll: async values => void (await documents.updateWhere(EVERY, values)),
    removeAll: async () => void (await documents.deleteWhere(EVERY)),
    update: (row, values) => documents.update(row as Row, { ...values }),
    file: (row, column = 'avatar') => declared(documents, column).get(row as never),
    assign: (row, input, column = 'avatar') => declared(documents, column).set(row as never, input),
    transaction: () => Promise.reject(new Error('It cannot wait.')),
    synchronous: transactions,
    fields: [declared(documents, 'avatar'), declared(documents, 'cover'), declared(pages, 'avatar')],
    pages: {
      make: key => pages.draft({ ...key }),
      insert: page => pages.insert(page),
      find: async ({ document, number }) =>
        execute(connection)('SELECT * FROM pages WHERE document = ? AND number = ?', [
          document as number,
          number as number,
        ]).rows[0] as Columns | undefined,
      file: page => declared(pages, 'avatar').get(page as never),
      remove: async page => void (await pages.delete(page)),
    },
    journal,
    async dispose() {
      connection.close();
      await contract[Symbol.asyncDispose]();
    },
  };
  return { ...subject, ...mutation.subject?.(subject, transactions, database) };
}

const EVERY: Where = { sql: 'true', values: [] };

const execute =
  (on: DatabaseSync): SyncSqlExecutor =>
  (sql, parameters) => ({
    rows: on
      .prepare(sql)
      .all(...parameters)
      .map(row => ({ ...row })),
  });

function driver(table: string): TableDriver<DatabaseSync, Where> {
  const run = (on: DatabaseSync, sql: string, values: readonly unknown[] = []): readonly Columns[] =>
    execute(on)(sql, values as readonly SqlValue[]).rows as readonly Columns[];
  return {
    dialect: 'sqlite',
    select: (on, where, { columns, limit = -1 } = {}) =>
      run(
        on,
        `SELECT ${columns?.join() ?? '*'} FROM ${table} WHERE ${where.sql} LIMIT ${limit}`,
        where.values,
      ),
    insert(on, values) {
      const columns = Object.keys(values);
      const given = columns.map(() => '?').join();
      const sql = `INSERT INTO ${table} (${columns.join()}) VALUES (${given}) RETURNING *`;
      return run(on, sql, Object.values(values))[0] ?? {};
    },
    update(on, where, values) {
      const set = Object.keys(values).map(column => `${column} = ?`);
      const sql = `UPDATE ${table} SET ${set.join()} WHERE ${where.sql} RETURNING 1`;
      return run(on, sql, [...Object.values(values), ...where.values]).length;
    },
    delete: (on, where, columns) =>
      run(on, `DELETE FROM ${table} WHERE ${where.sql} RETURNING ${columns.join()}`, where.values),
    matching(rows, expected = {}) {
      const is = ([column, value]: [string, unknown]): Where => ({
        sql: `${column} IS ?`,
        values: [value as SqlValue],
      });
      const joined = (parts: readonly Where[], by: string): Where => ({
        sql: `(${parts.map(({ sql }) => sql).join(by)})`,
        values: parts.flatMap(({ values }) => values),
      });
      const some = joined(
        rows.map(row => joined(Object.entries(row).map(is), ' AND ')),
        ' OR ',
      );
      const isStill = ([column, value]: [string, unknown]): Where => {
        const exact = exactly('sqlite', column, value);
        return exact ? { sql: exact.texts.join('?'), values: exact.values } : is([column, value]);
      };
      return joined([some, ...Object.entries(expected).map(isStill)], ' AND ');
    },
    execute: on => async (sql, parameters) => execute(on)(sql, parameters),
    executeSync: execute,
    tableInSql: () => table,
    columnInSql: column => column,
    maxLength: () => 60,
  };
}
