import { FieldFileError, type Storage } from '@fieldfile/core';
import { previewField } from '@fieldfile/image';
import type { FileTable, KyselyFiles } from '@fieldfile/kysely';
import type { Kysely } from 'kysely';
import type { StorageName } from '../demo/storage-name.ts';
import type { FileRow, LibraryDatabase } from './database.ts';
import { PICTURES } from './thumbnails.ts';

/** The largest file that the library takes. */
export const MAX_FILE_BYTES: number = 2 * 1024 ** 3;

/** A storage, and the table of the rows whose files are on it. */
export class Shelf {
  readonly name: StorageName;
  /** What keeps the objects, in a word or two. */
  readonly place: string;
  readonly storage: Storage;
  /** Rows and files change together by its methods. */
  readonly table: FileTable<LibraryDatabase, StorageName, 'id', 'file'>;
  readonly #db: Kysely<LibraryDatabase>;

  constructor(
    shelf: { readonly name: StorageName; readonly place: string; readonly storage: Storage },
    db: Kysely<LibraryDatabase>,
    files: KyselyFiles<LibraryDatabase>,
  ) {
    this.name = shelf.name;
    this.place = shelf.place;
    this.storage = shelf.storage;
    this.#db = db;
    this.table = files.define(shelf.name, {
      key: ['id'],
      fields: {
        file: previewField({
          storage: shelf.storage,
          uploadTo: 'library/%Y/%m/',
          maxSizeBytes: MAX_FILE_BYTES,
          maxLength: 300,
          variants: PICTURES,
          columns: { size: 'sizeBytes', contentType: 'contentType', digest: 'digest' },
        }),
      },
    });
  }

  all(): Promise<FileRow[]> {
    return this.#db.selectFrom(this.name).selectAll().orderBy('id').execute();
  }

  /** @throws `not-found`. */
  async find(id: number): Promise<FileRow> {
    const row = await this.#db.selectFrom(this.name).selectAll().where('id', '=', id).executeTakeFirst();
    if (row) return row;
    throw new FieldFileError('not-found', 'This file was deleted.', {
      operation: 'find',
      storage: this.storage.id,
    });
  }
}
