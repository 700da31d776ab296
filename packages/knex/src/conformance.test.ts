import {
  type BindingSetup,
  type BindingUnderTest,
  bindingContract,
  type DocumentRow,
  type RowOperations,
} from '@fieldfile/conformance/binding';
import { model } from '@fieldfile/core';
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
import knex, { type Knex } from 'knex';
import { afterAll, describe, test } from 'vitest';
import { sqlExecutor } from './driver.ts';
import { KnexFiles } from './knex-files.ts';

interface Document {
  id: number;
  name: string;
  avatar: string | null;
  cover: string | null;
  size: number | null;
  payload: string | null;
  version: number;
  parent: number | null;
}
interface Page {
  document: number;
  number: number;
  avatar: string | null;
}
type Row = DocumentRow & { avatar?: string | null; cover?: string | null };

/** How the work of the contract begins its transactions. */
type Begin = (
  files: KnexFiles,
  on: Knex,
  work: (trx: Knex.Transaction) => Promise<unknown>,
  options?: { readonly attempts?: number },
) => Promise<unknown>;

const createStorage = async () =>
  new MemoryStorage({ baseUrl: '/media/', signingKey: 'a secret of at least thirty-two bytes' });
const postgres = postgresContract();
afterAll(() => postgres[Symbol.asyncDispose]());
const mariadb = mariadbContract();
afterAll(() => mariadb[Symbol.asyncDispose]());

const byKnexFiles: Begin = (files, _, work, options) => files.transaction(work, options);
/** `db.transaction(work)`, and `trx.transaction(work)` for a savepoint. */
const byKnex: Begin = (_, on, work) => on.transaction(work);
/** `await db.transaction()`, then `commit` or `rollback`. */
const byHand: Begin = async (files, on, work) => {
  const trx = await on.transaction();
  try {
    const result = await files.transacting(trx, () => work(trx));
    await trx.commit();
    return result;
  } catch (error) {
    await trx.rollback(error);
    throw error;
  }
};

onSqlite('Knex on SQLite', byKnexFiles);
onSqlite('Knex on SQLite, transactions begun and ended by hand', byHand);
onServer('Knex on PostgreSQL', 'postgresql', byKnexFiles);
onServer('Knex on PostgreSQL, transactions of Knex', 'postgresql', byKnex);

const missing = mariadbMissing();
describe.skipIf(missing)(`a server of its own${missing ? ` (${missing})` : ''}`, () => {
  onServer('Knex on MariaDB', 'mariadb', byKnexFiles);
  onServer('Knex on MariaDB, transactions begun and ended by hand', 'mariadb', byHand);
});

function onSqlite(name: string, begin: Begin): void {
  bindingContract({
    ...declared(name),
    test,
    describe,
    ...bindingLoad,
    createStorage,
    open: async setup => {
      const database = await sqliteContract();
      const db = knex({
        client: 'better-sqlite3',
        connection: { filename: database.url },
        useNullAsDefault: true,
      });
      return open(database, setup, begin, { db, journal: database.journal, close: () => db.destroy() });
    },
  });
}

function onServer(name: string, dialect: 'postgresql' | 'mariadb', begin: Begin): void {
  bindingContract({
    ...declared(name),
    test,
    describe,
    ...bindingLoad,
    createStorage,
    open: async setup => {
      const [client, server] = dialect === 'mariadb' ? ['mysql2', mariadb] : ['pg', postgres];
      const database = await server.open();
      const connect = (max: number): Knex =>
        knex({ client, connection: database.url, pool: { min: 0, max } });
      const poolSize = 5;
      const [db, journals] = [connect(poolSize), connect(1)];
      return open(database, setup, begin, {
        db,
        dialect,
        journal: new SqlJournal({ dialect, execute: sqlExecutor(journals) }),
        poolSize,
        async close() {
          await db.destroy();
          await journals.destroy();
        },
      });
    },
  });
}

interface Opened {
  readonly db: Knex;
  readonly dialect?: SqlDialectName;
  readonly journal: Journal;
  readonly poolSize?: number;
  close(): Promise<void>;
}

function open(
  { other, breakJournal, loseCommit, endTransaction, ...database }: ContractDatabase,
  { field, journaled, siblingWaitSeconds }: BindingSetup,
  begin: Begin,
  { db, dialect, journal: own, poolSize, close }: Opened,
): BindingUnderTest<Row> {
  const journal = journaled ? own : undefined;
  const files = new KnexFiles(db, {
    ...(journal && { journal }),
    ...(siblingWaitSeconds !== undefined && { siblingWaitSeconds }),
  });
  const documents = files.define(model<Document>()('documents', 'id'), {
    avatar: { ...(field as object), maxLength: 60 },
    cover: { storage: field.storage, maxLength: 60 },
  });
  const pages = files.define(model<Page>()('pages', 'document', 'number'), {
    avatar: { storage: field.storage },
  });
  const operations = (on: Knex): RowOperations<Row> => ({
    make: values => documents.draft({ name: 'a document', ...values }),
    insert: row => documents.insert(row as never),
    find: id => on<Document>('documents').where({ id }).first(),
    findPartially: id => on<Document>('documents').select('id', 'name').where({ id }).first(),
    save: (row, values) => documents.update(row, values),
    async remove(row) {
      await documents.delete(row);
    },
    async updateAll(values) {
      await documents.updateWhere(builder => builder.where('id', '>', 0), values);
    },
    async removeAll() {
      await documents.deleteWhere(builder => builder.where('id', '>', 0));
    },
    sql: async text => on.raw(text),
    savepoint: work => begin(files, on, inner => work(operations(inner))) as never,
  });
  return {
    ...operations(db),
    file: (row, column = 'avatar') => documents.fields[column].get(row),
    assign: (row, input, column = 'avatar') => documents.fields[column].set(row as never, input),
    update: (row, values) => documents.update(row, values),
    transaction: (work, options) => begin(files, db, trx => work(operations(trx)), options),
    async transactionByHand(work, end) {
      const trx = await db.transaction();
      await files.transacting(trx, () => work(operations(trx)));
      await (end === 'commit' ? trx.commit() : trx.rollback());
    },
    fields: [documents.fields.avatar, documents.fields.cover, pages.fields.avatar],
    pages: {
      make: key => pages.draft(key),
      insert: page => pages.insert(page as never),
      find: key => db<Page>('pages').where(key).first(),
      file: page => pages.fields.avatar.get(page),
      async remove(page) {
        await pages.delete(page as never);
      },
    },
    journal,
    ...(dialect && {
      poolSize,
      shareConnections: () =>
        new KnexFiles(db, {
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
