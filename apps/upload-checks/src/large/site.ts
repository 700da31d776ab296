import { defineFiles, type FileField, model } from '@fieldfile/core';
import { SqliteJournal } from '@fieldfile/core/node';
import { FileSystemStorage } from '@fieldfile/fs';
import { MemoryTable } from '@fieldfile/memory/table';

interface Film {
  id: number;
  file: string | null;
}

export const USER = 'ann';

/** What all processes of the application share: a folder, and a journal. */
export interface Shared {
  readonly root: string;
  readonly journalFile: string;
}

/** The application's files, as each of its processes opens them. */
export interface Site {
  readonly file: FileField<Film, 'id', 'file'>;
  readonly table: MemoryTable<Film>;
  readonly journal: SqliteJournal;
}

export function openSite({ root, journalFile }: Shared): Site {
  const journal = new SqliteJournal(journalFile);
  const table = new MemoryTable<Film>({ key: ['id'], files: ['file'], journal });
  const storage = new FileSystemStorage({ root });
  const claims = { signingKey: 'a key for claims of at least 32 bytes' };
  const { file } = defineFiles(model<Film>()('film', 'id'), { file: { storage, claims } }, table.binding);
  return { file, table, journal };
}
