import type { Storage, StorageAlias } from '@fieldfile/storage';
import type { Inspect, Inspector } from './inspection.ts';

/** Where file names go: a folder with strftime directives, or a callback that makes the whole path. */
export type UploadTo<Row extends object> =
  | string
  | ((row: Readonly<Row>, filename: string) => string | Promise<string>);

/**
 * Columns kept beside the name, so that listing rows costs no request. Written with it, in one update. They must take null,
 * which means that nothing is known: while the bytes are replaced in place, and after a crash in between.
 */
export interface FileColumns<Row extends object> {
  /** In bytes. */
  readonly size?: keyof Row & string;
  readonly contentType?: keyof Row & string;
  /** What the client called the file. */
  readonly originalName?: keyof Row & string;
  /** SHA-256 of the content as `sha256-<base64>`, computed while it streams. */
  readonly digest?: keyof Row & string;
}

/** Those that tell of the bytes. */
export function columnsOfBytes({
  size,
  contentType,
  digest,
}: FileColumns<Record<string, unknown>>): readonly string[] {
  return [size, contentType, digest].filter(column => column !== undefined);
}

/** How one field stores its files. */
export interface FieldOptions<Row extends object> {
  /**
   * A folder, with strftime directives expanded in local time (`'reports/%Y/%m/'`), or a callback that makes the path
   * from the row and the file's name. Called once a save; it gets the reloaded row when the handle's own is gone. A new
   * row has no id before it is inserted: a path with an undefined part is refused.
   * Default: no folder.
   */
  readonly uploadTo?: UploadTo<Row>;
  /** An instance, an alias of `storages`, or a function that gives one of them, asked at every use. Default: `'default'`. */
  readonly storage?: StorageAlias | Storage | (() => StorageAlias | Storage);
  /** Longest name in characters: the length of the database column. Default: the binding's, else 100. */
  readonly maxLength?: number;
  /**
   * Media types and extensions taken, as in HTML: `['image/*', '.pdf']`. Declared type and extension must agree, and so
   * must the first bytes where `file-type` is installed. SVG, HTML and other types that could run scripts on the site are
   * taken only where they are named. Default: all.
   */
  readonly accept?: readonly string[];
  readonly maxSizeBytes?: number;
  /**
   * Looks at every content before it exists under any name: a virus scan, a format's own checks. Another row's file is read
   * through it when it is copied; `existing(name)` adopts what is there as it is.
   */
  readonly inspect?: Inspect | Inspector;
  /**
   * What the column holds where there is no file: `''` for one that is `NOT NULL`, as Django makes them. Either is read
   * as no file. Default: null.
   */
  readonly empty?: null | '';
  /**
   * The name of an object on the storage that rows have which nobody gave a file, until they get one, or are cleared. No
   * row removes or overwrites it, and a sweep leaves it alone. Give it where the column has a `DEFAULT`, too.
   */
  readonly default?: string;
  readonly columns?: FileColumns<Row>;
  /** `'strong'`: holding a handle keeps its row. Default: `'weak'`. */
  readonly ownership?: 'weak' | 'strong';
}
