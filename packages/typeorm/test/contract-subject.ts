import type {
  BindingSetup,
  BindingUnderTest,
  DocumentRow,
  RowOperations,
} from '@fieldfile/conformance/binding';
import type { FieldFile } from '@fieldfile/core';
import { type Journal, type SqlDialectName, SqlJournal } from '@fieldfile/core/journal';
import type { ContractDatabase } from '@fieldfile/test-servers/databases';
import { DataSource, type DataSourceOptions, type EntityManager, EntitySchema } from 'typeorm';
import { fileColumn } from '../src/file-column.ts';
import { sqlExecutor } from '../src/sql-executor.ts';
import { TypeormFiles } from '../src/typeorm-files.ts';

/** A connected library, and what else a subject of the contract needs. */
export interface Opened {
  readonly options: DataSourceOptions;
  readonly dialect?: SqlDialectName;
  readonly journal: Journal;
  readonly poolSize?: number;
  close?(): Promise<void>;
}

/** The binding as the contract wants it. */
export async function openSubject(
  { other, breakJournal, loseCommit, endTransaction, ...database }: ContractDatabase,
  { field, journaled, siblingWaitSeconds }: BindingSetup,
  { options, dialect, journal: own, poolSize, close }: Opened,
): Promise<BindingUnderTest<DocumentRow & { avatar: FieldFile; cover: FieldFile }, object>> {
  const journal = journaled ? own : undefined;
  // PostgreSQL's `increment` takes no key that is given; EntitySchema's type has no other, and passes it on.
  const generated = { generated: options.type === 'postgres' ? ('identity' as never) : (true as const) };
  // Classes of their own, since each behaviour declares other files.
  class Document {
    declare id: number;
    declare name: string;
    declare avatar: FieldFile;
    declare cover: FieldFile;
    declare size: number | null;
    declare payload: string | null;
    declare version: number;
    declare parent: number | null;
  }
  class Page {
    declare document: number;
    declare number: number;
    declare avatar: FieldFile;
  }
  const documents = new EntitySchema<Document>({
    name: 'Document',
    tableName: 'documents',
    target: Document,
    columns: {
      id: { type: 'integer', primary: true, ...generated },
      name: { type: 'text' },
      avatar: fileColumn({ length: 60 }),
      cover: fileColumn({ length: 60 }),
      size: { type: 'integer', nullable: true },
      payload: { type: 'text', nullable: true },
      version: { type: 'integer', version: true },
      parent: { type: 'integer', nullable: true },
    },
  });
  const pages = new EntitySchema<Page>({
    name: 'Page',
    tableName: 'pages',
    target: Page,
    columns: {
      document: { type: 'integer', primary: true },
      number: { type: 'integer', primary: true },
      avatar: fileColumn({ length: 60 }),
    },
  });
  const dataSource = new DataSource({ ...options, entities: [documents, pages] });
  const files = new TypeormFiles(dataSource, {
    ...(journal && { journal }),
    ...(siblingWaitSeconds !== undefined && { siblingWaitSeconds }),
  });
  const { avatar, cover } = files.define(Document, {
    avatar: field as never,
    cover: { storage: field.storage },
  });
  const ofPages = files.define(Page, { avatar: { storage: field.storage } });
  await dataSource.initialize();

  const operations = (manager: EntityManager): RowOperations<Document> => ({
    make: values => manager.create(Document, { name: 'a document', ...values }),
    async insert(row) {
      await manager.insert(Document, row as never);
      return row;
    },
    find: async id => (await manager.findOneBy(Document, { id })) ?? undefined,
    findPartially: async id =>
      (await manager.findOne(Document, { where: { id }, select: { id: true, name: true } })) ?? undefined,
    async save(row, values) {
      await manager.save(Object.assign(row, values));
    },
    async remove(row) {
      await manager.remove(row);
    },
    async updateAll(values) {
      await manager.updateAll(Document, values as never);
    },
    async removeAll() {
      await manager.deleteAll(Document);
    },
    sql: text => manager.query(text),
    savepoint: work => manager.transaction(inner => work(operations(inner))),
  });
  const { manager } = dataSource;
  return {
    ...operations(manager),
    fields: [avatar, cover, ofPages.avatar],
    file: (row, column = 'avatar') => row[column],
    assign: (row, input, column = 'avatar') => {
      row[column] = input as FieldFile;
    },
    transaction: work => dataSource.transaction(inner => work(operations(inner))),
    async transactionByHand(work, end) {
      const runner = dataSource.createQueryRunner();
      try {
        await runner.startTransaction();
        await work(operations(runner.manager));
        if (end === 'rollback') return await runner.rollbackTransaction();
        await runner.commitTransaction().catch(async error => {
          await runner.rollbackTransaction();
          throw error;
        });
      } finally {
        await runner.release();
      }
    },
    pages: {
      make: key => manager.create(Page, key),
      async insert(page) {
        await manager.insert(Page, page as never);
        return page;
      },
      find: async key => (await manager.findOneBy(Page, key)) ?? undefined,
      file: page => (page as Page).avatar,
      async remove(page) {
        await manager.remove(page);
      },
    },
    journal,
    ...(dialect && {
      poolSize,
      shareConnections: () =>
        new TypeormFiles(dataSource, {
          journal: new SqlJournal({ dialect, execute: sqlExecutor(dataSource) }),
        }),
    }),
    other,
    ...(breakJournal && { breakJournal }),
    ...(loseCommit && { loseCommit }),
    ...(endTransaction && {
      endTransaction: (rows, how) => endTransaction(text => rows.sql?.(text) as Promise<unknown>, how),
    }),
    async dispose() {
      await dataSource.destroy();
      await close?.();
      await database[Symbol.asyncDispose]();
    },
  };
}
