import { adopt, FieldFileError, type FileInput } from '@fieldfile/core';
import type { Tokens } from '@fieldfile/http';
import type { FileRow } from './database.ts';
import type { Events } from './events.ts';
import { type FileView, viewOf } from './file-view.ts';
import type { Shelf } from './shelves.ts';

/** How long a deleted file can be brought back. The journal keeps its object for longer. */
export const UNDO_SECONDS = 60;

/** What people do to files. Each change is one transaction, and the file follows its row. */
export class Changes {
  readonly #events: Events;
  readonly #tokens: Tokens;

  constructor(events: Events, tokens: Tokens) {
    this.#events = events;
    this.#tokens = tokens;
  }

  /** Here an upload becomes a row: the file is stored already, and the row takes it. */
  async add(shelf: Shelf, title: string, file: FileInput): Promise<FileView> {
    return this.#tell(shelf, await shelf.table.insert({ title, file, version: 1, addedAt: Date.now() }));
  }

  /** @throws `conflict` when somebody else changed the row since it had that version. */
  rename(shelf: Shelf, id: number, version: number, title: string): Promise<FileView> {
    return this.#change(shelf, id, version, { title });
  }

  /** The old object goes after the commit. @throws `conflict`, as {@link rename}: then the new file is taken back. */
  replace(shelf: Shelf, id: number, version: number, file: FileInput): Promise<FileView> {
    return this.#change(shelf, id, version, { file });
  }

  /** The file of one row becomes the file of another: the bytes go from storage to storage, and through no browser. */
  async copy(from: Shelf, id: number, to: Shelf): Promise<FileView> {
    const row = await from.find(id);
    return this.add(to, row.title, from.table.fields.file.of(row));
  }

  /** @returns a token that brings it back. */
  async remove(shelf: Shelf, id: number): Promise<string> {
    const row = await shelf.find(id);
    const { file, sizeBytes, contentType, digest } = row; // the row object shows no file once the row is gone
    await shelf.table.delete(row);
    this.#events.tell({ kind: 'removed', id: `${shelf.name}/${id}` });
    return this.#tokens.sign({
      purpose: 'undo',
      method: 'POST',
      storage: shelf.storage.id,
      name: file ?? '',
      expiresInSeconds: UNDO_SECONDS,
      data: {
        id,
        title: row.title,
        version: row.version + 1,
        addedAt: row.addedAt,
        sizeBytes,
        contentType,
        digest,
      },
    });
  }

  /** The row comes back and adopts the object, which the journal has kept. */
  async bringBack(shelf: Shelf, token: string): Promise<FileView> {
    const { name, data } = this.#tokens.verify(token, {
      purpose: 'undo',
      method: 'POST',
      storages: [shelf.storage.id],
    });
    const { sizeBytes, contentType, digest, ...values } = data as unknown as Omit<FileRow, 'file'>;
    const row = await shelf.table.insert({ ...values, file: adopt(name) });
    // Of an object that is adopted nothing is known. Here it is: it is the one that this row had.
    await shelf.table.update(row, { sizeBytes, contentType, digest });
    return this.#tell(shelf, row);
  }

  async #change(
    shelf: Shelf,
    id: number,
    version: number,
    values: { readonly title: string } | { readonly file: FileInput },
  ): Promise<FileView> {
    const changed = await shelf.table.updateWhere(
      row => row.and([row('id', '=', id), row('version', '=', version)]),
      { ...values, version: version + 1 },
    );
    const row = await shelf.find(id);
    if (changed > 0) return this.#tell(shelf, row);
    throw new FieldFileError('conflict', 'Somebody else changed this file.', { operation: 'change' });
  }

  #tell(shelf: Shelf, row: FileRow): FileView {
    const file = viewOf(shelf.name, row);
    this.#events.tell({ kind: 'changed', file });
    return file;
  }
}
