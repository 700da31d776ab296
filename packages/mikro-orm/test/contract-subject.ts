import type {
  BindingSetup,
  BindingUnderTest,
  DocumentValues,
  EndOfTransaction,
  FileColumn,
  RowOperations,
} from '@fieldfile/conformance/binding';
import type { FieldFile, FieldOptions, FileInput, RowKey } from '@fieldfile/core';
import { type Journal, type SqlDialectName, SqlJournal } from '@fieldfile/core/journal';
import type { ContractDatabase } from '@fieldfile/test-servers/databases';
import { EntitySchema, raw, wrap } from '@mikro-orm/core';
import type { AbstractSqlDriver, MikroORM, SqlEntityManager } from '@mikro-orm/sql';
import { fileColumn, MikroOrmFiles, sqlExecutor } from '../src/index.ts';

/** A connected library, and what else a subject of the contract needs. */
export interface Opened {
  readonly dialect?: SqlDialectName;
  readonly initialize: (entities: readonly EntitySchema[]) => Promise<MikroORM<AbstractSqlDriver>>;
  readonly journal: Journal;
  readonly poolSize?: number;
  close?(): Promise<void>;
}

/** The binding as the contract wants it. */
export async function openSubject(
  { other, breakJournal, loseCommit, endTransaction, ...database }: ContractDatabase,
  { field, journaled, siblingWaitSeconds }: BindingSetup,
  { initialize, dialect, journal: own, poolSize, close }: Opened,
): Promise<BindingUnderTest> {
  const journal = journaled ? own : undefined;
  class Document {
    declare id: number;
    declare name: string;
    declare avatar: FieldFile<Document>;
    declare cover: FieldFile<Document>;
    declare size: number | null;
    declare payload: string | null;
    declare version: number;
    declare parent: number | null;
  }
  class Page {
    declare document: number;
    declare number: number;
    declare avatar: FieldFile<Page>;
  }
  const schemas = [
    new EntitySchema<Document>({
      class: Document,
      tableName: 'documents',
      properties: {
        id: { type: 'integer', primary: true },
        name: { type: 'text' },
        avatar: fileColumn({ length: 60 }),
        cover: fileColumn({ length: 60 }),
        size: { type: 'integer', nullable: true },
        payload: { type: 'text', nullable: true },
        version: { type: 'integer', default: 1, onUpdate: () => raw('version + 1') },
        parent: { type: 'integer', nullable: true },
      },
    }),
    new EntitySchema<Page>({
      class: Page,
      tableName: 'pages',
      properties: {
        document: { type: 'integer', primary: true },
        number: { type: 'integer', primary: true },
        avatar: fileColumn({ length: 60 }),
      },
    }),
  ];
  const files = new MikroOrmFiles({
    ...(journal && { journal }),
    ...(siblingWaitSeconds !== undefined && { siblingWaitSeconds }),
  });
  const documents = files.define(Document, {
    avatar: field as FieldOptions<Document>,
    cover: { storage: field.storage },
  });
  const pages = files.define(Page, { avatar: { storage: field.storage } });
  const orm = await initialize(schemas as never);
  files.attach(orm);

  /** Rows come from an entity manager each, as in requests of their own. */
  const operations = (em: SqlEntityManager, keepTransactionContext: boolean): RowOperations<Document> => {
    const fork = () => em.fork({ keepTransactionContext });
    const managerOf = (row: Document): SqlEntityManager => {
      if (keepTransactionContext) return em;
      return (wrap(row, true).__em as SqlEntityManager | undefined) ?? fork();
    };
    return {
      make: (values: DocumentValues) => Object.assign(new Document(), { name: 'a document', ...values }),
      async insert(row) {
        await fork().persist(row).flush();
        return row;
      },
      find: async id => (await fork().findOne(Document, id)) ?? undefined,
      findPartially: async id =>
        ((await fork().findOne(Document, id, { fields: ['name'] })) as Document | null) ?? undefined,
      async save(row, values) {
        Object.assign(row, values);
        await managerOf(row).persist(row).flush();
      },
      async remove(row) {
        await managerOf(row).remove(row).flush();
      },
      sql: text => em.execute(text),
      savepoint: work => em.transactional(inner => work(operations(inner, true))),
    };
  };
  return {
    ...operations(orm.em, false),
    file: (row: Document, column: FileColumn = 'avatar') => row[column],
    assign(row: Document, input: FileInput, column: FileColumn = 'avatar') {
      row[column] = input as FieldFile<Document>;
    },
    async transactionByHand(
      work: (rows: RowOperations<Document>) => Promise<unknown>,
      end: 'commit' | 'rollback',
    ) {
      const em = orm.em.fork();
      await em.begin();
      await work(operations(em as SqlEntityManager, true));
      if (end === 'rollback') return em.rollback();
      await em.commit().catch(async error => {
        await em.rollback();
        throw error;
      });
    },
    transaction: (work: (rows: RowOperations<Document>) => Promise<unknown>) =>
      orm.em.transactional(em => work(operations(em as SqlEntityManager, true))),
    pages: {
      make: (key: RowKey) => Object.assign(new Page(), key),
      async insert(page: Page) {
        await orm.em.fork().persist(page).flush();
        return page;
      },
      find: async (key: RowKey) => (await orm.em.fork().findOne(Page, key as never)) ?? undefined,
      file: (page: Page) => page.avatar,
      async remove(page: Page) {
        await orm.em.fork().remove(page).flush();
      },
    },
    async reload(row: Document) {
      await wrap(row).init();
    },
    fields: [documents.avatar, documents.cover, pages.avatar],
    journal,
    ...(dialect && {
      poolSize,
      shareConnections: () =>
        new MikroOrmFiles({
          journal: new SqlJournal({ dialect, execute: sqlExecutor(orm) }),
        }).attach(orm),
    }),
    other,
    breakJournal,
    loseCommit,
    ...(endTransaction && {
      endTransaction: (rows: RowOperations<Document>, how: EndOfTransaction) =>
        endTransaction(text => rows.sql?.(text) as Promise<unknown>, how),
    }),
    async dispose() {
      await orm.close();
      await close?.();
      await database[Symbol.asyncDispose]();
    },
  } as unknown as BindingUnderTest;
}
