import { join } from 'node:path';
import { model, type Storage } from '@fieldfile/core';
import type { Journal } from '@fieldfile/core/journal';
import { SqliteJournal } from '@fieldfile/core/node';
import { FileSystemStorage } from '@fieldfile/fs';
import { imageField } from '@fieldfile/image';
import { type FileTable, KnexFiles } from '@fieldfile/knex';
import knex, { type Knex } from 'knex';

export interface PhotoRow {
  id: number;
  image: string | null;
  digest: string | null;
}

const VARIANTS = {
  thumb: { width: 10, height: 10, fit: 'cover', format: 'webp' },
  small: { width: 20, format: 'png' },
  large: { width: 30, format: 'jpeg' },
} as const;

export const diskOf = (folder: string): FileSystemStorage =>
  new FileSystemStorage({ root: join(folder, 'media'), durability: 'process-crash' });

export const journalOf = (folder: string): SqliteJournal => new SqliteJournal(join(folder, 'journal.db'));

/** Rows in SQLite, files on disk, a journal: what several processes share. */
export interface World {
  readonly db: Knex;
  readonly photos: FileTable<PhotoRow, 'id', 'image'>;
  row(): Promise<PhotoRow>;
}

export function openWorld(folder: string, storage: Storage, journal: Journal): World {
  const db = knex({
    client: 'better-sqlite3',
    connection: { filename: join(folder, 'rows.db') },
    useNullAsDefault: true,
  });
  const photos = new KnexFiles(db, { journal }).define(model<PhotoRow>()('photos', 'id'), {
    image: imageField<PhotoRow>({
      storage,
      columns: { digest: 'digest' },
      variants: VARIANTS,
      maxLength: 100,
    }),
  });
  return {
    db,
    photos,
    async row(): Promise<PhotoRow> {
      const [found] = await db<PhotoRow>('photos').where({ id: 1 });
      if (!found) throw new Error('There is no row.');
      return found;
    },
  };
}
