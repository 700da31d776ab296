import {
  type BindingSetup,
  type BindingUnderTest,
  bindingContract,
  type DocumentRow,
  type RowOperations,
  type SyncRowOperations,
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
import { createClient } from '@libsql/client';
import { and, eq, gt } from 'drizzle-orm';
import { drizzle as drizzleBetterSqlite } from 'drizzle-orm/better-sqlite3';
import { drizzle as drizzleLibsql } from 'drizzle-orm/libsql';
import * as mysqlColumns from 'drizzle-orm/mysql-core';
import { drizzle as drizzleMysql } from 'drizzle-orm/mysql2';
import { drizzle as drizzlePostgres } from 'drizzle-orm/node-postgres';
import * as postgresColumns from 'drizzle-orm/pg-core';
import * as sqliteColumns from 'drizzle-orm/sqlite-core';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { afterAll, describe, test } from 'vitest';
import { sqlExecutor, textExecutor } from './driver.ts';
import { DrizzleFiles, type SyncFileTable } from './drizzle-files.ts';

const createStorage = async () =>
  new MemoryStorage({ baseUrl: '/media/', signingKey: 'a secret of at least thirty-two bytes' });

const sqliteDocuments = sqliteColumns.sqliteTable('documents', {
  id: sqliteColumns.integer().primaryKey({ autoIncrement: true }),
  name: sqliteColumns.text().notNull(),
  avatar: sqliteColumns.text({ length: 60 }),
  cover: sqliteColumns.text({ length: 60 }),
  size: sqliteColumns.integer(),
  payload: sqliteColumns.text(),
  version: sqliteColumns.integer().notNull().default(1),
  parent: sqliteColumns.integer(),
});
const sqlitePages = sqliteColumns.sqliteTable('pages', {
  document: sqliteColumns.integer().notNull(),
  number: sqliteColumns.integer().notNull(),
  avatar: sqliteColumns.text({ length: 60 }),
});

type Documents = typeof sqliteDocuments;
type Pages = typeof sqlitePages;
type Row = DocumentRow & { avatar?: string | null; cover?: string | null };

/** What the contract does through Drizzle itself, alike in both dialects. */
type Db = ReturnType<typeof drizzleLibsql>;
type SyncDb = ReturnType<typeof drizzleBetterSqlite>;

bindingContract({
  ...declared('Drizzle on SQLite'),
  test,
  describe,
  ...bindingLoad,
  createStorage,
  open: async setup => {
    const database = await sqliteContract();
    const client = createClient({ url: `file:${database.url}` });
    return open(database, setup, {
      db: drizzleLibsql(client),
      documents: sqliteDocuments,
      pages: sqlitePages,
      journal: database.journal,
      close: async () => client.close(),
    });
  },
});

bindingContract({
  ...declared('Drizzle on SQLite (better-sqlite3)'),
  test,
  describe,
  ...bindingLoad,
  createStorage,
  open: async setup => {
    const database = await sqliteContract();
    const db = drizzleBetterSqlite(database.url);
    return open(database, setup, {
      db: db as unknown as Db,
      synchronous: db,
      documents: sqliteDocuments,
      pages: sqlitePages,
      journal: database.journal,
      close: async () => void db.$client.close(),
    });
  },
});

const postgres = postgresContract();
afterAll(() => postgres[Symbol.asyncDispose]());

const postgresDocuments = postgresColumns.pgTable('documents', {
  id: postgresColumns.integer().primaryKey().generatedByDefaultAsIdentity(),
  name: postgresColumns.text().notNull(),
  avatar: postgresColumns.varchar({ length: 60 }),
  cover: postgresColumns.varchar({ length: 60 }),
  size: postgresColumns.integer(),
  payload: postgresColumns.text(),
  version: postgresColumns.integer().notNull().default(1),
  parent: postgresColumns.integer(),
});
const postgresPages = postgresColumns.pgTable('pages', {
  document: postgresColumns.integer().notNull(),
  number: postgresColumns.integer().notNull(),
  avatar: postgresColumns.varchar({ length: 60 }),
});

bindingContract({
  ...declared('Drizzle on PostgreSQL'),
  test,
  describe,
  ...bindingLoad,
  createStorage,
  open: async setup => {
    const database = await postgres.open();
    const connect = (max: number): pg.Pool => {
      const pool = new pg.Pool({ connectionString: database.url, max });
      return pool.on('error', () => {}).on('connect', client => client.on('error', () => {})); // the contract cuts connections
    };
    const poolSize = 5;
    const [pool, journalPool] = [connect(poolSize), connect(1)];
    return open(database, setup, {
      db: drizzlePostgres({ client: pool }) as unknown as Db,
      documents: postgresDocuments as unknown as Documents,
      pages: postgresPages as unknown as Pages,
      journal: new SqlJournal({
        dialect: 'postgresql',
        execute: sqlExecutor(drizzlePostgres({ client: journalPool })),
      }),
      dialect: 'postgresql',
      poolSize,
      async close() {
        await pool.end();
        await journalPool.end();
      },
    });
  },
});

const mysqlDocuments = mysqlColumns.mysqlTable('documents', {
  id: mysqlColumns.int().primaryKey().autoincrement(),
  name: mysqlColumns.text().notNull(),
  avatar: mysqlColumns.varchar({ length: 60 }),
  cover: mysqlColumns.varchar({ length: 60 }),
  size: mysqlColumns.int(),
  payload: mysqlColumns.longtext(),
  version: mysqlColumns.int().notNull().default(1),
  parent: mysqlColumns.int(),
});
const mysqlPages = mysqlColumns.mysqlTable('pages', {
  document: mysqlColumns.int().notNull(),
  number: mysqlColumns.int().notNull(),
  avatar: mysqlColumns.varchar({ length: 60 }),
});

const mariadb = mariadbContract();
afterAll(() => mariadb[Symbol.asyncDispose]());
const missing = mariadbMissing();

describe.skipIf(missing)(`a server of its own${missing ? ` (${missing})` : ''}`, () =>
  bindingContract({
    ...declared('Drizzle on MariaDB'),
    test,
    describe,
    ...bindingLoad,
    createStorage,
    open: async setup => {
      const database = await mariadb.open();
      const connect = (connectionLimit: number): mysql.Pool =>
        mysql.createPool({ uri: database.url, connectionLimit });
      const poolSize = 5;
      const [pool, journalPool] = [connect(poolSize), connect(1)];
      return open(database, setup, {
        db: drizzleMysql({ client: pool }) as unknown as Db,
        documents: mysqlDocuments as unknown as Documents,
        pages: mysqlPages as unknown as Pages,
        dialect: 'mariadb',
        journal: new SqlJournal({
          dialect: 'mariadb',
          execute: sqlExecutor(drizzleMysql({ client: journalPool })),
        }),
        poolSize,
        async close() {
          await pool.end();
          await journalPool.end();
        },
      });
    },
  }),
);

interface Opened {
  readonly db: Db;
  readonly synchronous?: SyncDb;
  readonly documents: Documents;
  readonly pages: Pages;
  readonly dialect?: SqlDialectName;
  readonly journal: Journal;
  readonly poolSize?: number;
  close(): Promise<void>;
}

function open(
  { other, breakJournal, loseCommit, endTransaction, ...database }: ContractDatabase,
  { field, journaled, siblingWaitSeconds }: BindingSetup,
  { db, synchronous, documents, pages, dialect, journal: own, poolSize, close }: Opened,
): BindingUnderTest<Row> {
  const journal = journaled ? own : undefined;
  const files = new DrizzleFiles(db, {
    ...(journal && { journal }),
    ...(siblingWaitSeconds !== undefined && { siblingWaitSeconds }),
  });
  const documentFiles = files.define(documents, {
    key: ['id'],
    fields: { avatar: field, cover: { storage: field.storage } },
  });
  const pageFiles = files.define(pages, {
    key: ['document', 'number'],
    fields: { avatar: { storage: field.storage } },
  });
  const operations = (tx: Pick<Db, 'select'>): RowOperations<Row> => ({
    make: values => documentFiles.draft({ name: 'a document', ...values }),
    insert: row => documentFiles.insert(row as never),
    async find(id) {
      return (await tx.select().from(documents).where(eq(documents.id, id)))[0];
    },
    async findPartially(id) {
      const { name } = documents;
      return (await tx.select({ id: documents.id, name }).from(documents).where(eq(documents.id, id)))[0];
    },
    save: (row, values) => documentFiles.update(row, values),
    async remove(row) {
      await documentFiles.delete(row);
    },
    async updateAll(values) {
      await documentFiles.updateWhere(gt(documents.id, 0), values);
    },
    async removeAll() {
      await documentFiles.deleteWhere(gt(documents.id, 0));
    },
    sql: async text => textExecutor(tx)(text, []),
    savepoint: work => files.transaction(inner => work(operations(inner))),
  });
  const atOnce = (tx: Pick<SyncDb, 'select' | 'run'>): SyncRowOperations<Row> => {
    const table = documentFiles as unknown as SyncFileTable<Documents, 'id', 'avatar' | 'cover'>;
    return {
      insert: row => table.insertSync(row as never),
      find: id => tx.select().from(documents).where(eq(documents.id, id)).get(),
      save: (row, values) => table.updateSync(row, values),
      remove: row => void table.deleteSync(row),
      removeAll: () => void table.deleteWhereSync(gt(documents.id, 0)),
      sql: text => void tx.run(text),
      savepoint: work => syncFiles.transactionSync(inner => work(atOnce(inner))),
    };
  };
  const syncFiles = files as unknown as DrizzleFiles<SyncDb>;
  return {
    ...operations(db),
    ...(synchronous && {
      synchronous: {
        transaction: work => syncFiles.transactionSync(tx => work(atOnce(tx))),
        settled: () => files.settled(),
      },
    }),
    file: (row, column = 'avatar') => documentFiles.fields[column].get(row),
    assign: (row, input, column = 'avatar') => documentFiles.fields[column].set(row as never, input),
    update: (row, values) => documentFiles.update(row, values),
    transaction: (work, options) => files.transaction(tx => work(operations(tx)), options),
    fields: [documentFiles.fields.avatar, documentFiles.fields.cover, pageFiles.fields.avatar],
    pages: {
      make: key => pageFiles.draft(key),
      insert: page => pageFiles.insert(page as never),
      async find(key) {
        const where = and(eq(pages.document, key.document as number), eq(pages.number, key.number as number));
        return (await db.select().from(pages).where(where))[0];
      },
      file: page => pageFiles.fields.avatar.get(page),
      async remove(page) {
        await pageFiles.delete(page as never);
      },
    },
    journal,
    ...(dialect && {
      poolSize,
      shareConnections: () =>
        new DrizzleFiles(db, {
          journal: new SqlJournal({ dialect, execute: sqlExecutor(db) }),
        }),
    }),
    other,
    ...(breakJournal && { breakJournal }),
    ...(loseCommit && { loseCommit }),
    ...(endTransaction && {
      endTransaction: (rows, how) => endTransaction(text => rows.sql?.(text) as Promise<unknown>, how),
    }),
    async dispose() {
      await close();
      await database[Symbol.asyncDispose]();
    },
  };
}
