import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type {
  BindingSetup,
  BindingUnderTest,
  DocumentRow,
  FileColumn,
  RowOperations,
} from '@fieldfile/conformance/binding';
import { defineFiles, type FieldFile, type FieldOptions, type FileInput, file, model } from '@fieldfile/core';
import type { Binding } from '@fieldfile/core/binding';
import { SqliteJournal } from '@fieldfile/core/node';
import { MemoryTable, type MemoryTableOptions } from '@fieldfile/memory/table';

export interface Document extends DocumentRow {
  avatar?: string | null;
  cover?: string | null;
  size?: number | null;
  payload?: string | null;
  version?: number;
}

export interface Page {
  document: number;
  number: number;
  avatar: string | null;
}

/** What a mutant does otherwise. */
export interface Mutation {
  readonly table?: Partial<MemoryTableOptions<Document>>;
  binding?(binding: Binding<Document>): Partial<Binding<Document>>;
  subject?(
    subject: BindingUnderTest<Document, Page>,
    table: MemoryTable<Document>,
  ): Partial<BindingUnderTest<Document, Page>>;
}

/** `MemoryTable` as the binding contract wants it. */
export function tableSubject(
  { field, journaled, siblingWaitSeconds }: BindingSetup,
  mutation: Mutation = {},
): BindingUnderTest<Document, Page> {
  const folder = mkdtempSync(join(tmpdir(), 'fieldfile-memory-'));
  const own = new SqliteJournal(join(folder, 'journal'));
  const journal = journaled ? own : undefined;
  const options = {
    maxLength: 60,
    ...(journal && { journal }),
    ...(siblingWaitSeconds !== undefined && { siblingWaitSeconds }),
  };
  const table = new MemoryTable<Document>({
    ...options,
    key: ['id'],
    files: ['avatar', 'cover', 'size'],
    version: 'version',
    generated: 'id',
    ...mutation.table,
  });
  const files = defineFiles(
    model<Document>()('document', 'id'),
    { avatar: field as FieldOptions<Document>, cover: { storage: field.storage } },
    { ...table.binding, ...mutation.binding?.(table.binding) },
  );
  const pageTable = new MemoryTable<Page>({ ...options, key: ['document', 'number'], files: ['avatar'] });
  const pages = defineFiles(
    model<Page>()('page', 'document', 'number'),
    { avatar: { storage: field.storage } },
    pageTable.binding,
  );

  const rows: RowOperations<Document> = {
    make(values) {
      const row = { name: 'a document', avatar: null, cover: null, version: 1, ...values } as Document;
      for (const field of Object.values(files)) field.get(row); // the table does not know its fields
      return row;
    },
    async insert(row) {
      await table.insert(row);
      return row;
    },
    find: id => table.find({ id }),
    async findPartially(id) {
      const row = await table.find({ id });
      return row && { id: row.id, name: row.name };
    },
    save: (row, values) => table.update(Object.assign(row, values)),
    async remove(row) {
      await table.delete(({ id }) => id === row.id, Object.values(files), [row]);
    },
    async removeAll() {
      await table.delete(() => true, Object.values(files));
    },
    savepoint: work => table.transaction(() => work(rows)),
  };
  /** What the last statement failed with. */
  let last: unknown;
  const subject: BindingUnderTest<Document, Page> = {
    ...rows,
    journal,
    file: (row, column = 'avatar') => files[column].get(row),
    assign: (row, input, column = 'avatar') => files[column].set(row as Required<Document>, input),
    transaction: (work, retry) =>
      table.transaction(() => work({ ...rows, ...mutation.subject?.(subject, table) }), retry),
    async reload(row) {
      const { avatar = null, cover = null, ...columns } = (await table.find({ id: row.id })) ?? row;
      Object.assign(row, columns);
      files.avatar.reset(row, avatar);
      files.cover.reset(row, cover);
    },
    async update(target, values) {
      const row = 'name' in target ? target : await table.get({ id: target.id });
      const given = Object.entries(values).filter(([column, value]) => {
        const isFile = column === 'avatar' || column === 'cover';
        const own =
          value === row[column as FileColumn] ||
          (value as FieldFile | null)?.name === row[column as FileColumn];
        return value !== undefined && !(isFile && own);
      });
      // All as they are now, before the first is assigned.
      const now = given.map(([column, value]) => {
        const shown = (value as FieldFile | null)?.stored;
        return [column, shown ? file(shown) : value] as const;
      });
      for (const [column, value] of now)
        if (column === 'avatar' || column === 'cover')
          files[column].set(row as Required<Document>, value as FileInput);
        else Reflect.set(row, column, value);
      await table.update(row);
    },
    fields: [files.avatar, files.cover, pages.avatar],
    pages: {
      make: key => ({ ...key, avatar: null }),
      async insert(page) {
        await pageTable.insert(page);
        return page;
      },
      find: key => pageTable.find(key),
      file: page => pages.avatar.get(page),
      async remove({ document, number }) {
        await pageTable.delete(page => page.document === document && page.number === number, [pages.avatar]);
      },
    },
    other: {
      async rows() {
        return (await table.all()).map(
          ({ id, name, avatar = null, cover = null, size = null, version = 1 }) => ({
            id,
            name,
            avatar,
            cover,
            size,
            version,
          }),
        );
      },
      pageNames: async () => (await pageTable.all()).flatMap(page => page.avatar ?? []),
      async insert(values) {
        const row = { version: 1, ...values } as Document;
        await table.put(row);
        return row.id;
      },
      update: (id, values) => table.put({ id, ...values } as Document),
      async remove(id) {
        await table.remove({ id });
      },
    },
    async endTransaction(_, how) {
      if (how === 'connection') return table.loseConnection();
      table.endTransaction(how === 'failing' ? 'rolled-back' : 'committed');
      if (how !== 'failing') return;
      last = Object.assign(new Error('Deadlock found.'), { code: '40001' });
      throw last;
    },
    /** A rollback that tells of no error but its own, as that of libraries with such calls. */
    async transactionByHand(work, end) {
      const rolledBack = new Error('rolled back');
      const find = (id: number): Promise<Document | undefined> => {
        last = undefined;
        return rows.find(id);
      };
      await table
        .transaction(async () => {
          await work({ ...rows, find });
          if (end === 'rollback') throw last ?? rolledBack;
        })
        .catch(error => {
          if (end === 'commit' || (error !== rolledBack && error !== last)) throw error;
        });
    },
    async breakJournal() {
      const client = new DatabaseSync(join(folder, 'journal'));
      client.exec('ALTER TABLE fieldfile_journal RENAME TO gone');
      return async () => {
        client.exec('ALTER TABLE gone RENAME TO fieldfile_journal');
        client.close();
      };
    },
    async dispose() {
      own.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return { ...subject, ...mutation.subject?.(subject, table) };
}
