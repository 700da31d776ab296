import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type AnyFileField, defineFiles, type FieldFile, model, type StoredFile } from '@fieldfile/core';
import { fromPath, SqliteJournal } from '@fieldfile/core/node';
import { FileSystemStorage } from '@fieldfile/fs';
import { imageField } from '@fieldfile/image';
import { MemoryTable } from '@fieldfile/memory/table';
import { type Picture, pictureIn } from './pictures.ts';

interface PhotoRow {
  id: number;
  image: string | null;
  digest: string | null;
}

/** Rows that have photographs on disk, each its own file. */
export interface Photos extends AsyncDisposable {
  readonly storage: FileSystemStorage;
  readonly files: readonly StoredFile[];
  /** Kept, as by a request that has loaded its row: a handle keeps none in memory. */
  readonly rows: readonly object[];
  readonly field: AnyFileField;
}

/** How rows and files are kept together. */
export interface PhotosOptions {
  readonly picture: Picture;
  readonly count: number;
  readonly journaled: boolean;
}

/** Below `folder`, in a folder of its own. */
export async function photosIn(
  folder: string,
  { picture, count, journaled }: PhotosOptions,
): Promise<Photos> {
  const own = join(folder, `photos-${process.pid}`);
  await mkdir(own);
  const original = await pictureIn(folder, picture);
  const storage = new FileSystemStorage({ root: join(own, 'media') });
  const journal = journaled ? new SqliteJournal(join(own, 'journal')) : undefined;
  const table = new MemoryTable<PhotoRow>({
    key: ['id'],
    files: ['image', 'digest'],
    ...(journal ? { journal } : {}),
  });
  const { image } = defineFiles(
    model<PhotoRow>()('photo', 'id'),
    { image: imageField<PhotoRow>({ storage, columns: { digest: 'digest' }, variants: {} }) },
    table.binding,
  );
  const files: StoredFile[] = [];
  const rows: PhotoRow[] = [];
  for (let id = 0; id < count; id++) {
    const row: PhotoRow = { id, image: null, digest: null };
    const handle: FieldFile = image.of(row);
    await table.insert(row);
    rows.push(row);
    await handle.save(fromPath(original), { name: `${id}.jpg` });
    if (handle.stored) files.push(handle.stored);
  }
  return {
    storage,
    files,
    rows,
    field: image,
    async [Symbol.asyncDispose]() {
      journal?.close();
      await storage[Symbol.asyncDispose]();
      await rm(own, { recursive: true });
    },
  };
}
