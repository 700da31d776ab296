import { FieldFileError, type StagedFile, type Storage } from '@fieldfile/core';
import { claims } from '@fieldfile/http/claims';
import { tus } from '@fieldfile/http/tus';
import { previewField } from '@fieldfile/image';
import type { FileTable, KyselyFiles } from '@fieldfile/kysely';
import { storageParts } from '@fieldfile/storage/parts';
import type { Kysely } from 'kysely';
import type { StorageName } from '../demo/storage-name.ts';
import type { FileRow, LibraryDatabase } from './database.ts';
import type { ShelfView } from './file-view.ts';
import { PICTURES } from './thumbnails.ts';

/** The largest file that the library takes. */
export const MAX_FILE_BYTES: number = 2 * 1024 ** 3;

/** Of large files that go in parts. */
const PART_BYTES = 8 * 1024 ** 2;

export interface ShelfContext {
  readonly db: Kysely<LibraryDatabase>;
  readonly files: KyselyFiles<LibraryDatabase>;
  /** Of uploads that are under way. It stays the same, so that they go on when the server was started again. */
  readonly signingKey: Uint8Array;
}

/** Everybody who can reach the page. */
const VISITOR = 'visitor';

/** A storage, and the table of the rows whose files are on it. */
export class Shelf {
  readonly name: StorageName;
  /** What keeps the objects, in a word or two. */
  readonly place: string;
  readonly storage: Storage;
  /** Rows and files change together by its methods. */
  readonly table: FileTable<LibraryDatabase, StorageName, 'id', 'file'>;
  /** Takes large files piece by piece, so that what was cut off goes on. */
  readonly uploads: (request: Request) => Promise<Response>;
  /** Has browsers send large files straight to the storage, in parts or to a session, where it has that. */
  readonly claims: (request: Request) => Promise<Response>;
  readonly #db: Kysely<LibraryDatabase>;

  constructor(
    shelf: { readonly name: StorageName; readonly place: string; readonly storage: Storage },
    { db, files, signingKey }: ShelfContext,
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
          claims: { signingKey },
          variants: PICTURES,
          columns: { size: 'sizeBytes', contentType: 'contentType', digest: 'digest' },
        }),
      },
    });
    this.uploads = tus({
      field: this.table.fields.file,
      baseUrl: `/uploads/${shelf.name}/`,
      authorize: () => true,
      user: () => VISITOR,
    });
    this.claims = claims({
      field: this.table.fields.file,
      authorize: () => true,
      user: () => VISITOR,
      partsAboveBytes: PART_BYTES,
      partBytes: PART_BYTES,
    });
  }

  get view(): ShelfView {
    const { name, place, storage } = this;
    const { canSign, startsSessions } = storageParts(storage) ?? {};
    const largeFiles = startsSessions ? 'to a session' : canSign ? 'in parts' : 'piece by piece';
    return { name, place, largeFiles };
  }

  /** The file that was uploaded in one of these ways. @throws `intent-lost` when its time was over. */
  uploaded(token: string): Promise<StagedFile> {
    return this.table.fields.file.redeem(token, { for: VISITOR });
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
