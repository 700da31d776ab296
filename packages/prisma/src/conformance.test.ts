import {
  type BindingSetup,
  type BindingUnderTest,
  bindingContract,
  type DocumentRow,
  type DocumentValues,
  type EndOfTransaction,
  type FileColumn,
  type RowOperations,
} from '@fieldfile/conformance/binding';
import type { FieldFile, FileInput } from '@fieldfile/core';
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
import { afterAll, describe, test } from 'vitest';
import type { PrismaClient } from '../test/client/client.js';
import { mariadbClient, postgresClient, sqliteClient } from '../test/clients.ts';
import { sqlExecutor } from './client.ts';
import { prismaFiles } from './prisma-files.ts';

const createStorage = async () =>
  new MemoryStorage({ baseUrl: '/media/', signingKey: 'a secret of at least thirty-two bytes' });

bindingContract({
  ...declared('Prisma on SQLite'),
  test,
  describe,
  ...bindingLoad,
  createStorage,
  open: async setup => {
    const database = await sqliteContract();
    return open(database, setup, { client: sqliteClient(database.url), journal: database.journal });
  },
});

const postgres = postgresContract();
afterAll(() => postgres[Symbol.asyncDispose]());

bindingContract({
  ...declared('Prisma on PostgreSQL'),
  test,
  describe,
  ...bindingLoad,
  createStorage,
  open: async setup => {
    const database = await postgres.open();
    const poolSize = 5;
    const journals = postgresClient(database.url, 1);
    return open(database, setup, {
      client: postgresClient(database.url, poolSize),
      journal: new SqlJournal({ dialect: 'postgresql', execute: sqlExecutor(journals) }),
      dialect: 'postgresql',
      poolSize,
      close: () => journals.$disconnect(),
    });
  },
});

const mariadb = mariadbContract();
afterAll(() => mariadb[Symbol.asyncDispose]());
const missing = mariadbMissing();

describe.skipIf(missing)(`a server of its own${missing ? ` (${missing})` : ''}`, () =>
  bindingContract({
    ...declared('Prisma on MariaDB'),
    test,
    describe,
    ...bindingLoad,
    createStorage,
    open: async setup => {
      const database = await mariadb.open();
      const poolSize = 5;
      const journals = mariadbClient(database.url, 1);
      return open(database, setup, {
        client: mariadbClient(database.url, poolSize),
        journal: new SqlJournal({ dialect: 'mariadb', execute: sqlExecutor(journals) }),
        dialect: 'mariadb',
        poolSize,
        close: () => journals.$disconnect(),
      });
    },
  }),
);

/** A row as Prisma gives it, or before it is created what it is to be made of. */
type Row = DocumentRow & { [Column in FileColumn]?: FieldFile | string } & { values?: DocumentValues };

interface Opened {
  readonly client: PrismaClient;
  readonly journal: Journal;
  readonly dialect?: SqlDialectName;
  readonly poolSize?: number;
  close?(): Promise<void>;
}

function open(
  { other, breakJournal, loseCommit, endTransaction, ...database }: ContractDatabase,
  { field, journaled, siblingWaitSeconds }: BindingSetup,
  { client, journal: own, dialect, poolSize, close }: Opened,
): BindingUnderTest<Row> {
  const journal = journaled ? own : undefined;
  const db = client.$extends(
    prismaFiles(client, {
      ...(journal && { journal }),
      ...(siblingWaitSeconds !== undefined && { siblingWaitSeconds }),
      models: {
        document: {
          fields: {
            avatar: { ...(field as object), maxLength: 60 },
            cover: { storage: field.storage, maxLength: 60 },
          },
        },
        pages: { key: ['document', 'number'], fields: { avatar: { storage: field.storage } } },
      },
    }),
  );
  type Transaction = Pick<typeof db, 'document' | '$transaction' | '$queryRawUnsafe' | '$executeRawUnsafe'>;

  const columns = ({ parent, ...values }: DocumentValues) => ({
    ...values,
    ...(parent !== undefined && { parentId: parent }),
  });
  const operations = (tx: Transaction): RowOperations<Row> => ({
    make: values => ({ name: 'a document', values }) as Row,
    async insert({ values = {}, avatar, cover }) {
      const data = {
        ...columns(values),
        ...(typeof avatar === 'string' && { avatar }),
        ...(typeof cover === 'string' && { cover }),
      };
      return tx.document.create({ data });
    },
    async find(id) {
      const row = await tx.document.findUnique({ where: { id } });
      // What is kept is what stands behind Prisma's proxy: this makes the proxy go with it, so that the test sees it.
      if (row) Object.defineProperty(row, Symbol('proxy'), { value: row });
      return row ?? undefined;
    },
    async findPartially(id) {
      return (await tx.document.findUnique({ where: { id }, select: { id: true, name: true } })) ?? undefined;
    },
    async save(row, values) {
      const { avatar, cover } = row;
      const data = {
        ...columns(values),
        ...(isPending(avatar) && { avatar: db.$file.document.avatar(avatar) }),
        ...(isPending(cover) && { cover: db.$file.document.cover(cover) }),
      };
      await tx.document.update({ where: { id: row.id }, data });
      Object.assign(row, values);
    },
    async remove({ id }) {
      await tx.document.delete({ where: { id } });
    },
    async updateAll({ avatar, ...values }) {
      const given = avatar === undefined ? {} : { avatar: avatar && db.$file.document.avatar(avatar) };
      await tx.document.updateMany({ data: { ...values, ...given } });
    },
    async removeAll() {
      await tx.document.deleteMany();
    },
    sql: async text => (/^select/i.test(text) ? tx.$queryRawUnsafe(text) : tx.$executeRawUnsafe(text)),
    savepoint: work => tx.$transaction(inner => work(operations(inner))),
  });
  return {
    ...operations(db),
    file: (row, column = 'avatar') => row[column] as FieldFile | undefined,
    assign(row, input: FileInput, column = 'avatar') {
      if (row.values) row[column] = db.$file.document[column](input);
      else db.$file.document[column].set(row, input);
    },
    fields: [db.$file.document.avatar.field, db.$file.document.cover.field, db.$file.pages.avatar.field],
    transaction: (work, options) => db.$transaction(tx => work(operations(tx)), options),
    pages: {
      make: key => key,
      insert: page => db.pages.create({ data: page as never }),
      find: async key => (await db.pages.findFirst({ where: key })) ?? undefined,
      file: page => (page as { avatar?: FieldFile }).avatar,
      async remove(page) {
        const { document, number } = page as { document: number; number: number };
        await db.pages.delete({ where: { document_number: { document, number } } });
      },
    },
    journal,
    ...(dialect && {
      poolSize,
      shareConnections: () =>
        prismaFiles(client, {
          journal: new SqlJournal({ dialect, execute: sqlExecutor(client) }),
          models: {},
        }),
    }),
    other,
    breakJournal,
    loseCommit,
    ...(endTransaction && {
      endTransaction: (rows: RowOperations<Row>, how: EndOfTransaction) =>
        endTransaction(text => rows.sql?.(text) as Promise<unknown>, how),
    }),
    async dispose() {
      await client.$disconnect();
      await close?.();
      await database[Symbol.asyncDispose]();
    },
  } as BindingUnderTest<Row>;
}

const isPending = (file: FieldFile | string | undefined): file is FieldFile =>
  typeof file === 'object' && file.pending;
