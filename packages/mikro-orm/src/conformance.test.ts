import {
  type BindingSetup,
  type BindingUnderTest,
  bindingContract,
  type DocumentValues,
  type EndOfTransaction,
  type FileColumn,
  type RowOperations,
} from '@fieldfile/conformance/binding';
import type { FieldFile, FieldOptions, FileInput, RowKey } from '@fieldfile/core';
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
import { EntitySchema, raw, wrap } from '@mikro-orm/core';
import { MikroORM as LibSqlOrm } from '@mikro-orm/libsql';
import { MikroORM as MariadbOrm } from '@mikro-orm/mariadb';
import { MikroORM as PostgresOrm } from '@mikro-orm/postgresql';
import type { AbstractSqlDriver, MikroORM, SqlEntityManager } from '@mikro-orm/sql';
import pg from 'pg';
import { afterAll, describe, test } from 'vitest';
import { releaseLost } from '../test/release-lost.ts';
import { fileColumn, MikroOrmFiles, sqlExecutor } from './index.ts';

const createStorage = async () =>
  new MemoryStorage({ baseUrl: '/media/', signingKey: 'a secret of at least thirty-two bytes' });

bindingContract({
  ...declared('MikroORM on SQLite'),
  test,
  describe,
  ...bindingLoad,
  createStorage,
  async open(setup) {
    const database = await sqliteContract();
    return open(database, setup, {
      initialize: entities => LibSqlOrm.init({ entities: [...entities], dbName: database.url }) as never,
      journal: database.journal,
    });
  },
});

const postgres = postgresContract();
afterAll(() => postgres[Symbol.asyncDispose]());

bindingContract({
  ...declared('MikroORM on PostgreSQL'),
  test,
  describe,
  ...bindingLoad,
  createStorage,
  async open(setup) {
    const database = await postgres.open();
    const poolSize = 5;
    const pool = new pg.Pool({ connectionString: database.url, max: 1 });
    pool.on('error', () => {}); // idle connections end with the server
    return open(database, setup, {
      initialize: entities =>
        PostgresOrm.init({
          entities: [...entities],
          clientUrl: database.url,
          dbName: new URL(database.url).pathname.slice(1),
          pool: { max: poolSize },
          driverOptions: { onPoolCreated: releaseLost },
        }) as never,
      journal: new SqlJournal({
        dialect: 'postgresql',
        execute: (sql, parameters) => pool.query(sql, [...parameters]),
      }),
      dialect: 'postgresql',
      poolSize,
      close: () => pool.end(),
    });
  },
});

const mariadb = mariadbContract();
afterAll(() => mariadb[Symbol.asyncDispose]());
const missing = mariadbMissing();

describe.skipIf(missing)(`a server of its own${missing ? ` (${missing})` : ''}`, () =>
  bindingContract({
    ...declared('MikroORM on MariaDB'),
    test,
    describe,
    ...bindingLoad,
    createStorage,
    async open(setup) {
      const database = await mariadb.open();
      const poolSize = 5;
      const options = { clientUrl: database.url, dbName: new URL(database.url).pathname.slice(1) };
      const journals = await MariadbOrm.init({
        ...options,
        entities: [],
        discovery: { warnWhenNoEntities: false },
        pool: { max: 1 },
      });
      return open(database, setup, {
        initialize: entities =>
          MariadbOrm.init({ ...options, entities: [...entities], pool: { max: poolSize } }) as never,
        journal: new SqlJournal({ dialect: 'mariadb', execute: sqlExecutor(journals) }),
        dialect: 'mariadb',
        poolSize,
        close: () => journals.close(),
      });
    },
  }),
);

interface Opened {
  readonly dialect?: SqlDialectName;
  readonly initialize: (entities: readonly EntitySchema[]) => Promise<MikroORM<AbstractSqlDriver>>;
  readonly journal: Journal;
  readonly poolSize?: number;
  close?(): Promise<void>;
}

async function open(
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
