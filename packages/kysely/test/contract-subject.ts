import type {
  BindingSetup,
  BindingUnderTest,
  DocumentRow,
  RowOperations,
} from '@fieldfile/conformance/binding';
import { type Journal, type SqlDialectName, SqlJournal } from '@fieldfile/core/journal';
import type { ContractDatabase } from '@fieldfile/test-servers/databases';
import { type Generated, type Kysely, sql } from 'kysely';
import { sqlExecutor } from '../src/driver.ts';
import { KyselyFiles } from '../src/kysely-files.ts';

export interface Tables {
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

type Row = DocumentRow & { avatar?: string | null; cover?: string | null };

/** A connected library, and what else a subject of the contract needs. */
export interface Opened {
  readonly db: Kysely<Tables>;
  readonly dialect?: SqlDialectName;
  readonly journal: Journal;
  readonly poolSize?: number;
  close(): Promise<void>;
}

/** The binding as the contract wants it. */
export function openSubject(
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
