import type { StorageName } from '../demo/storage-name.ts';
import type { FileRow } from './database.ts';

/** A file as the page knows it. */
export interface FileView {
  /** `fs/12`: the shelf and the row. */
  readonly id: string;
  readonly shelf: StorageName;
  readonly title: string;
  readonly sizeBytes: number;
  readonly contentType: string;
  /** As `sha256-<base64>`. */
  readonly digest: string | null;
  readonly version: number;
  readonly addedAt: number;
}

/** What the page is told of a storage. */
export interface ShelfView {
  readonly name: StorageName;
  readonly place: string;
  /** How they come: in parts or to a session, straight to the storage, or piece by piece through this application. */
  readonly largeFiles: 'in parts' | 'to a session' | 'piece by piece';
}

/** What the page shows first. */
export interface LibraryView {
  readonly shelves: readonly ShelfView[];
  readonly files: readonly FileView[];
}

/** What changed, for everybody who has the page open. */
export type LibraryEvent =
  | { readonly kind: 'shelf'; readonly shelf: ShelfView; readonly files: readonly FileView[] }
  | { readonly kind: 'changed'; readonly file: FileView }
  | { readonly kind: 'removed'; readonly id: string };

/** What one file's panel shows beside the list's columns. */
export interface FileDetails {
  /** The object's name on its storage. */
  readonly objectName: string;
  readonly objectVersion: string | null;
  readonly lastModified: number | null;
  /** A URL of the storage itself, and when it ends. */
  readonly url: string | null;
  readonly urlEndsAt: number | null;
}

export const viewOf = (shelf: StorageName, row: FileRow): FileView => ({
  id: `${shelf}/${row.id}`,
  shelf,
  title: row.title,
  sizeBytes: row.sizeBytes ?? 0,
  contentType: row.contentType ?? 'application/octet-stream',
  digest: row.digest,
  version: row.version,
  addedAt: row.addedAt,
});
