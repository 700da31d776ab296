import { join } from 'node:path';
import type { FieldOptions } from '@fieldfile/core';
import { FileSystemStorage } from '@fieldfile/fs';
import { imageField, type VariantQueue } from '@fieldfile/image';
import { type FileTable, KyselyFiles } from '@fieldfile/kysely';
import { type Generated, Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';

export interface Database {
  photos: { id: Generated<number>; image: string | null };
}

export const QUEUE_NAME = 'variants';

interface Photo {
  id: number;
  image: string | null;
}

/** Both in the test and in its worker. */
export const photoField = (folder: string, queue: VariantQueue): FieldOptions<Photo> =>
  imageField<Photo>({
    storage: new FileSystemStorage({ root: join(folder, 'media') }),
    variants: { thumb: { width: 10, format: 'webp' }, page: { width: 20, format: 'png' } },
    queue,
  });

export interface KyselyWorld {
  readonly files: KyselyFiles<Database>;
  readonly photos: FileTable<Database, 'photos', 'id', 'image'>;
  close(): Promise<void>;
}

export function openKysely(url: string, folder: string, queue: VariantQueue): KyselyWorld {
  const pool = new pg.Pool({ connectionString: url, max: 3 });
  pool.on('error', () => {}); // idle connections end with the server
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  const files = new KyselyFiles(db);
  const photos = files.define('photos', {
    key: ['id'],
    fields: { image: photoField(folder, queue) as never },
  });
  return { files, photos: photos as never, close: () => db.destroy() };
}
