import {
  type BindingSetup,
  type BindingUnderTest,
  bindingContract,
  type DocumentRow,
  type RowOperations,
} from '@fieldfile/conformance';
import { MemoryStorage } from '@fieldfile/memory';
import { type ContractDatabase, postgresContract, sqliteContract } from '@fieldfile/test-servers/databases';
import { bindingLoad } from '@fieldfile/test-servers/load';
import { type Dialect, type Generated, Kysely, PostgresDialect, SqliteDialect } from 'kysely';
import Libsql from 'libsql';
import pg from 'pg';
import { afterAll, describe, test } from 'vitest';
import { KyselyFiles } from './kysely-files.ts';

interface Tables {
  documents: {
    id: Generated<number>;
    name: string;
    avatar: string | null;
    size: number | null;
    payload: string | null;
    version: Generated<number>;
    parent: number | null;
  };
  pages: { document: number; number: number; avatar: string | null };
}

const lacks = { version: 'Kysely has no version columns' };
const createStorage = async () => new MemoryStorage();

bindingContract({
  name: 'Kysely on SQLite',
  test,
  describe,
  ...bindingLoad,
  createStorage,
  open: async setup => {
    const database = await sqliteContract();
    return open(database, new SqliteDialect({ database: new Libsql(database.url) }), setup);
  },
  lacks: { ...lacks, 'lost-commit': 'SQLite is in this process' },
});

const postgres = postgresContract();
afterAll(() => postgres[Symbol.asyncDispose]());

bindingContract({
  name: 'Kysely on PostgreSQL',
  test,
  describe,
  ...bindingLoad,
  createStorage,
  open: async setup => {
    const database = await postgres.open();
    const pool = new pg.Pool({ connectionString: database.url });
    pool.on('error', () => {}).on('connect', client => client.on('error', () => {})); // the contract cuts connections
    return open(database, new PostgresDialect({ pool }), setup);
  },
  lacks,
});

type Row = DocumentRow & { avatar?: string | null };

function open(database: ContractDatabase, dialect: Dialect, { field }: BindingSetup): BindingUnderTest<Row> {
  const db = new Kysely<Tables>({ dialect });
  const { journal, other, breakJournal, loseCommit } = database;
  const files = new KyselyFiles(db, { journal });
  const documents = files.table('documents', {
    key: ['id'],
    fields: { avatar: { ...field, maxLength: 60 } },
  });
  const pages = files.table('pages', {
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
    savepoint: work => files.transaction(inner => work(operations(inner))),
  });
  return {
    ...operations(db),
    file: row => documents.fields.avatar.get(row),
    assign: (row, input) => documents.fields.avatar.set(row as never, input),
    transaction: (work, options) => files.transaction(trx => work(operations(trx)), options),
    fields: [documents.fields.avatar, pages.fields.avatar],
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
    other,
    breakJournal,
    loseCommit,
    async dispose() {
      await db.destroy();
      await database[Symbol.asyncDispose]();
    },
  } as BindingUnderTest<Row>;
}
