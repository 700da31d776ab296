import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { type Generated, Kysely, type Selectable, SqliteDialect } from 'kysely';
import type { StorageName } from '../demo/storage-name.ts';

/** A file of the library: a row with the object's name, and what is known of it. */
interface FileTableColumns {
  id: Generated<number>;
  /** What people call it. Renaming it moves no object. */
  title: string;
  /** The object's name on the shelf's storage. */
  file: string | null;
  sizeBytes: number | null;
  contentType: string | null;
  digest: string | null;
  /** Raised by every change. */
  version: number;
  /** In milliseconds since 1970. */
  addedAt: number;
}

export type FileRow = Selectable<FileTableColumns>;

/** One table for each storage: all files of a table are on one storage, as in most applications. */
export type LibraryDatabase = Record<StorageName, FileTableColumns>;

/** Node's own SQLite, as Kysely's dialect wants it. */
export function openDatabase(path: string): Kysely<LibraryDatabase> {
  const database = new DatabaseSync(path, { timeout: 10_000 });
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  return new Kysely({
    dialect: new SqliteDialect({
      database: {
        prepare(text) {
          const statement = database.prepare(text);
          const values = (parameters: readonly unknown[]): SQLInputValue[] =>
            [...parameters] as SQLInputValue[];
          return {
            reader: statement.columns().length > 0,
            all: parameters => statement.all(...values(parameters)),
            run: parameters => statement.run(...values(parameters)),
            iterate: parameters => statement.iterate(...values(parameters)),
          };
        },
        close: () => database.close(),
      },
    }),
  });
}

export async function createTable(db: Kysely<LibraryDatabase>, name: StorageName): Promise<void> {
  await db.schema
    .createTable(name)
    .ifNotExists()
    .addColumn('id', 'integer', column => column.primaryKey().autoIncrement())
    .addColumn('title', 'text', column => column.notNull())
    .addColumn('file', 'text')
    .addColumn('sizeBytes', 'integer')
    .addColumn('contentType', 'text')
    .addColumn('digest', 'text')
    .addColumn('version', 'integer', column => column.notNull())
    .addColumn('addedAt', 'integer', column => column.notNull())
    .execute();
  // Before an object is removed, rows are asked whether one still names it.
  await db.schema.createIndex(`${name}_file`).ifNotExists().on(name).column('file').execute();
}
