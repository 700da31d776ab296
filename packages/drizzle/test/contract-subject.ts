import type {
  BindingSetup,
  BindingUnderTest,
  DocumentRow,
  RowOperations,
  SyncRowOperations,
} from '@fieldfile/conformance/binding';
import { type Journal, type SqlDialectName, SqlJournal } from '@fieldfile/core/journal';
import type { ContractDatabase } from '@fieldfile/test-servers/databases';
import { and, eq, gt } from 'drizzle-orm';
import type { drizzle as drizzleBetterSqlite } from 'drizzle-orm/better-sqlite3';
import type { drizzle as drizzleLibsql } from 'drizzle-orm/libsql';
import * as mysqlColumns from 'drizzle-orm/mysql-core';
import * as postgresColumns from 'drizzle-orm/pg-core';
import * as sqliteColumns from 'drizzle-orm/sqlite-core';
import { sqlExecutor, textExecutor } from '../src/driver.ts';
import { DrizzleFiles, type SyncFileTable } from '../src/drizzle-files.ts';

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
export type Db = ReturnType<typeof drizzleLibsql>;
export type SyncDb = ReturnType<typeof drizzleBetterSqlite>;

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

/** All dialects have the types of one. */
function tablesOf(dialect: SqlDialectName = 'sqlite'): readonly [Documents, Pages] {
  if (dialect === 'sqlite') return [sqliteDocuments, sqlitePages];
  const tables = dialect === 'postgresql' ? [postgresDocuments, postgresPages] : [mysqlDocuments, mysqlPages];
  return tables as unknown as [Documents, Pages];
}

/** A connected library, and what else a subject of the contract needs. */
export interface Opened {
  readonly db: Db;
  readonly synchronous?: SyncDb;
  readonly dialect?: SqlDialectName;
  readonly journal: Journal;
  readonly poolSize?: number;
  /** There is one connection, and no pool. */
  readonly isAlone?: boolean;
  close(): Promise<void>;
}

/** The binding as the contract wants it. */
export function openSubject(
  { other, breakJournal, loseCommit, endTransaction, ...database }: ContractDatabase,
  { field, journaled, siblingWaitSeconds }: BindingSetup,
  { db, synchronous, dialect, journal: own, poolSize, isAlone = false, close }: Opened,
): BindingUnderTest<Row> {
  const [documents, pages] = tablesOf(dialect);
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
    ...(dialect &&
      !isAlone && {
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
