import type {
  BindingSetup,
  BindingUnderTest,
  DocumentRow,
  DocumentValues,
  EndOfTransaction,
  FileColumn,
  RowOperations,
} from '@fieldfile/conformance/binding';
import type { FieldFile, FileInput } from '@fieldfile/core';
import { type Journal, type SqlDialectName, SqlJournal } from '@fieldfile/core/journal';
import type { ContractDatabase } from '@fieldfile/test-servers/databases';
import { sqlExecutor } from '../src/client.ts';
import { prismaFiles } from '../src/prisma-files.ts';
import type { PrismaClient } from './client/client.js';

/** A row as Prisma gives it, or before it is created what it is to be made of. */
type Row = DocumentRow & { [Column in FileColumn]?: FieldFile | string } & { values?: DocumentValues };

/** A connected library, and what else a subject of the contract needs. */
export interface Opened {
  readonly client: PrismaClient;
  readonly journal: Journal;
  readonly dialect?: SqlDialectName;
  readonly poolSize?: number;
  close?(): Promise<void>;
}

/** The binding as the contract wants it. */
export function openSubject(
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
