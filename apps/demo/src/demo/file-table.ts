import { DatabaseSync } from 'node:sqlite';
import { defineFiles, type FileField, model } from '@fieldfile/core';
import { sqlBinding } from './sql-binding.ts';
import { type StorageName, storageNames } from './storage-name.ts';

/** A file of the folder that is kept: where it was found, what it held, and its name on each storage. */
export interface FileRow {
  readonly id: number;
  /** Where it is on this machine. */
  readonly source: string;
  /** The same, as it is shown. */
  readonly label: string;
  readonly sizeBytes: number;
  /** SHA-256 in hexadecimal digits; null where the file could not be read. */
  readonly sha256: string | null;
  fs: string | null;
  s3: string | null;
  gcs: string | null;
  azure: string | null;
  memory: string | null;
}

type NewFileRow = Omit<FileRow, StorageName>;

/** Which rows: all, or those with a file on one storage; every so-manieth of them. */
export interface Selection {
  readonly on?: StorageName;
  readonly every?: number;
}

/** The table of the demo and its file fields. */
export interface FileTable {
  readonly fields: Readonly<Record<StorageName, FileField<FileRow, 'id', StorageName>>>;
  insert(row: NewFileRow): void;
  find(id: number): FileRow | undefined;
  /** Freshly loaded rows by id, a page at a time. */
  rows(selection?: Selection): Generator<FileRow, void, undefined>;
  count(selection?: Selection): { readonly files: number; readonly bytes: number };
  close(): void;
}

const PAGE_ROWS = 256;

/** @param folder below which the objects go on every storage; as in an application, all files share it. */
export function openFileTable(path: string, folder: string): FileTable {
  const database = new DatabaseSync(path);
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    CREATE TABLE files (
      id INTEGER PRIMARY KEY,
      source TEXT NOT NULL,
      label TEXT NOT NULL,
      sizeBytes INTEGER NOT NULL,
      sha256 TEXT,
      ${storageNames.map(name => `${name} TEXT`).join(', ')}
    );
    ${storageNames.map(name => `CREATE INDEX files_${name} ON files (${name});`).join('\n')}
  `);

  const uploadTo = (_row: FileRow, filename: string): string => `${folder}/${filename}`;
  const rules = { uploadTo, maxLength: 300 };
  const fields = defineFiles(
    model<FileRow>()('files', 'id'),
    {
      fs: { storage: 'fs', ...rules },
      s3: { storage: 's3', ...rules },
      gcs: { storage: 'gcs', ...rules },
      azure: { storage: 'azure', ...rules },
      memory: { storage: 'memory', ...rules },
    },
    sqlBinding<FileRow>(database, 'files', ['id']),
  );

  return {
    fields,

    insert({ id, source, label, sizeBytes, sha256 }) {
      database
        .prepare('INSERT INTO files (id, source, label, sizeBytes, sha256) VALUES (?, ?, ?, ?, ?)')
        .run(id, source, label, sizeBytes, sha256);
    },

    find(id) {
      return database.prepare('SELECT * FROM files WHERE id = ?').get(id) as FileRow | undefined;
    },

    *rows(selection = {}) {
      const page = database.prepare(
        `SELECT * FROM files WHERE id > ? AND ${condition(selection)} ORDER BY id LIMIT ${PAGE_ROWS}`,
      );
      let last = 0;
      for (;;) {
        const rows = page.all(last) as unknown as FileRow[];
        yield* rows;
        if (rows.length < PAGE_ROWS) return;
        last = rows.at(-1)?.id ?? last;
      }
    },

    count(selection = {}) {
      return database
        .prepare(
          `SELECT count(*) AS files, coalesce(sum(sizeBytes), 0) AS bytes FROM files WHERE ${condition(selection)}`,
        )
        .get() as unknown as { readonly files: number; readonly bytes: number };
    },

    close() {
      database.close();
    },
  };
}

/** Every fourth begins with the first, so that a single file is among them. */
const condition = ({ on, every = 1 }: Selection): string =>
  `${on === undefined ? 'TRUE' : `${on} IS NOT NULL`} AND (id - 1) % ${every} = 0`;
