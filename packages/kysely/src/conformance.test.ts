import { createRequire } from 'node:module';
import {
  type BindingSetup,
  type BindingUnderTest,
  bindingContract,
  type DocumentRow,
  type RowOperations,
} from '@fieldfile/conformance/binding';
import { type Journal, type SqlDialectName, SqlJournal } from '@fieldfile/core/journal';
import { MemoryStorage } from '@fieldfile/memory';
import { declared } from '@fieldfile/test-servers/contracts';
import {
  type ContractDatabase,
  mariadbContract,
  postgresContract,
  sqliteContract,
} from '@fieldfile/test-servers/databases';
import { bindingLoad } from '@fieldfile/test-servers/load';
import { mariadbMissing } from '@fieldfile/test-servers/mariadb';
import {
  type Generated,
  Kysely,
  MysqlDialect,
  PostgresDialect,
  type SqliteDatabase,
  SqliteDialect,
  sql,
} from 'kysely';
import Libsql from 'libsql';
import mysql from 'mysql2';
import pg from 'pg';
import { afterAll, describe, test } from 'vitest';
import { nodeSqlite } from '../test/node-sqlite.ts';
import { sqlExecutor } from './driver.ts';
import { KyselyFiles } from './kysely-files.ts';

interface Tables {
  documents: {
    id: Generated<number>;
    name: string;
    avatar: string | null;
    cover: string | null;
    size: number | null;
    payload: string | null;
    version: Generated<number>;
    parent: number | null;
  };
  pages: { document: number; number: number; avatar: string | null };
}

const createStorage = async () =>
  new MemoryStorage({ baseUrl: '/media/', signingKey: 'a secret of at least thirty-two bytes' });

/** It has no types of its own. */
const BetterSqlite = createRequire(import.meta.url)('better-sqlite3') as new (path: string) => SqliteDatabase;

const sqliteDrivers: Readonly<Record<string, (path: string) => SqliteDatabase>> = {
  libsql: path => new Libsql(path),
  'better-sqlite3': path => new BetterSqlite(path),
  'node:sqlite': nodeSqlite,
};
for (const [driver, openFile] of Object.entries(sqliteDrivers))
  bindingContract({
    ...declared(`Kysely on SQLite (${driver})`),
    test,
    describe,
    ...bindingLoad,
    createStorage,
    open: async setup => {
      const database = await sqliteContract();
      const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: openFile(database.url) }) });
      return open(database, setup, { db, journal: database.journal, close: () => db.destroy() });
    },
  });

const postgres = postgresContract();
afterAll(() => postgres[Symbol.asyncDispose]());

bindingContract({
  ...declared('Kysely on PostgreSQL'),
  test,
  describe,
  ...bindingLoad,
  createStorage,
  open: async setup => {
    const database = await postgres.open();
    const connect = (max: number): PostgresDialect => {
      const pool = new pg.Pool({ connectionString: database.url, max });
      pool.on('error', () => {}).on('connect', client => client.on('error', () => {})); // the contract cuts connections
      return new PostgresDialect({ pool });
    };
    const poolSize = 5;
    const db = new Kysely<Tables>({ dialect: connect(poolSize) });
    const journals = new Kysely<unknown>({ dialect: connect(1) });
    return open(database, setup, {
      db,
      dialect: 'postgresql',
      journal: new SqlJournal({ dialect: 'postgresql', execute: sqlExecutor(journals) }),
      poolSize,
      async close() {
        await db.destroy();
        await journals.destroy();
      },
    });
  },
});

const mariadb = mariadbContract();
afterAll(() => mariadb[Symbol.asyncDispose]());
const missing = mariadbMissing();

describe.skipIf(missing)(`a server of its own${missing ? ` (${missing})` : ''}`, () =>
  bindingContract({
    ...declared('Kysely on MariaDB'),
    test,
    describe,
    ...bindingLoad,
    createStorage,
    open: async setup => {
      const database = await mariadb.open();
      const connect = (connectionLimit: number): MysqlDialect =>
        new MysqlDialect({ pool: mysql.createPool({ uri: database.url, connectionLimit }) });
      const poolSize = 5;
      const db = new Kysely<Tables>({ dialect: connect(poolSize) });
      const journals = new Kysely<unknown>({ dialect: connect(1) });
      return open(database, setup, {
        db,
        dialect: 'mariadb',
        journal: new SqlJournal({ dialect: 'mariadb', execute: sqlExecutor(journals) }),
        poolSize,
        async close() {
          await db.destroy();
          await journals.destroy();
        },
      });
    },
  }),
);

type Row = DocumentRow & { avatar?: string | null; cover?: string | null };

interface Opened {
  readonly db: Kysely<Tables>;
  readonly dialect?: SqlDialectName;
  readonly journal: Journal;
  readonly poolSize?: number;
  close(): Promise<void>;
}

function open(
  { other, breakJournal, loseCommit, endTransaction, ...database }: ContractDatabase,
  { field, journaled, siblingWaitSeconds }: BindingSetup,
  { db, dialect, journal: own, poolSize, close }: Opened,
): BindingUnderTest<Row> {
  const journal = journaled ? own : undefined;
  const files = new KyselyFiles(db, {
    ...(journal && { journal }),
    ...(siblingWaitSeconds !== undefined && { siblingWaitSeconds }),
  });
  const documents = files.define('documents', {
    key: ['id'],
    fields: {
      avatar: { ...field, maxLength: 60 },
      cover: { storage: field.storage, maxLength: 60 },
    },
  });
  const pages = files.define('pages', {
    key: ['document', 'number'],
    fields: { avatar: { storage: field.storage } },
  });
  const operations = (trx: Kysely<Tables>): RowOperations<Row> => ({
    make: values => documents.draft({ name: 'a document', ...values }),
    insert: row => documents.insert(row as never),
    find: id => trx.selectFrom('documents').selectAll().where('id', '=', id).executeTakeFirst(),
    findPartially: id =>
      trx.selectFrom('documents').select(['id', 'name']).where('id', '=', id).executeTakeFirst(),
    save: (row, values) => documents.update(row, values),
    async remove(row) {
      await documents.delete(row);
    },
    async updateAll(values) {
      await documents.updateWhere(builder => builder('id', '>', 0), values);
    },
    async removeAll() {
      await documents.deleteWhere(builder => builder('id', '>', 0));
    },
    sql: async text => sql.raw(text).execute(trx),
    savepoint: work => files.transaction(inner => work(operations(inner))),
  });
  return {
    ...operations(db),
    file: (row, column = 'avatar') => documents.fields[column].get(row),
    assign: (row, input, column = 'avatar') => documents.fields[column].set(row as never, input),
    update: (row, values) => documents.update(row, values),
    transaction: (work, options) => files.transaction(trx => work(operations(trx)), options),
    fields: [documents.fields.avatar, documents.fields.cover, pages.fields.avatar],
    pages: {
      make: key => pages.draft(key),
      insert: page => pages.insert(page as never),
      find: key =>
        db
          .selectFrom('pages')
          .selectAll()
          .where('document', '=', key.document as number)
          .where('number', '=', key.number as number)
          .executeTakeFirst(),
      file: page => pages.fields.avatar.get(page),
      async remove(page) {
        await pages.delete(page as never);
      },
    },
    journal,
    ...(dialect && {
      poolSize,
      shareConnections: () =>
        new KyselyFiles(db, {
          journal: new SqlJournal({ dialect, execute: sqlExecutor(db) }),
        }),
    }),
    other,
    breakJournal,
    loseCommit,
    ...(endTransaction && {
      endTransaction: (rows, how) => endTransaction(text => rows.sql?.(text) as Promise<unknown>, how),
    }),
    async dispose() {
      await close();
      await database[Symbol.asyncDispose]();
    },
  } as BindingUnderTest<Row>;
}
