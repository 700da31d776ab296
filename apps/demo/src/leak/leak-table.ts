import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { defineFiles, type FileField, model } from '@fieldfile/core';
import { FileSystemStorage } from '@fieldfile/fs';

/** One row: a file, and a JSON column as the driver gives it, as text. */
export interface LeakRow {
  readonly id: number;
  f: string | null;
  f_json: string;
}

/** The table of the experiment and its file field, in a folder of their own. */
export interface LeakTable {
  readonly database: DatabaseSync;
  readonly f: FileField<LeakRow, 'id', 'f'>;
}

export function openLeakTable(folder: string, ownership: 'weak' | 'strong' = 'weak'): LeakTable {
  const database = new DatabaseSync(join(folder, 'leak.sqlite'));
  database.exec('CREATE TABLE IF NOT EXISTS leak (id INTEGER PRIMARY KEY, f TEXT, f_json TEXT NOT NULL)');
  const { f } = defineFiles(model<LeakRow>()('leak', 'id'), {
    f: {
      storage: new FileSystemStorage({ root: join(folder, 'media') }),
      uploadTo: row => `${row.id}.json`,
      ownership,
    },
  });
  return { database, f };
}
