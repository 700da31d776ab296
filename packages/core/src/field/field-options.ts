import type { Storage, StorageAlias } from '@fieldfile/storage';
import type { SigningKey } from '@fieldfile/storage/backend';
import type { DerivedOptions } from '../derived/derived-options.ts';
import type { ComputedColumns } from './computed-columns.ts';
import type { Inspect, Inspector } from './inspection.ts';

/** Where file names go: a folder with strftime directives, or a callback that makes the whole path. */
export type UploadTo<Row extends object> =
  | string
  | ((row: Readonly<Row>, filename: string) => string | Promise<string>);

/**
 * Columns that are kept beside the name, so that a list of rows needs no request. They are written together with the name.
 * They must take null, which means "not known": while the bytes are replaced in place, and after a crash in between.
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

/** The columns that describe the bytes: all but what the client called them. */
export function columnsOfBytes(columns: FileColumns<Record<string, unknown>>): readonly string[] {
  return Object.entries(columns).flatMap(([kind, column]) => (kind === 'originalName' ? [] : (column ?? [])));
}

/** How one field stores its files. */
export interface FieldOptions<Row extends object> {
  /**
   * A folder, with strftime directives in local time (`'reports/%Y/%m/'`), or a callback that makes the path from the row
   * and the file's name. It is called once for each save. When the row is gone from memory, it gets the row loaded again.
   * A new row has no id before it is inserted, and a path with an undefined part is refused.
   * Default: no folder.
   */
  readonly uploadTo?: UploadTo<Row>;
  /** A storage, an alias of `storages`, or a function that gives one of them and is called at every use. Default: `'default'`. */
  readonly storage?: StorageAlias | Storage | (() => StorageAlias | Storage);
  /** Longest name in characters: the length of the database column. Default: the binding's, else 100. */
  readonly maxLength?: number;
  /**
   * Media types and extensions that are taken, as in HTML: `['image/*', '.pdf']`. Declared type and extension must agree.
   * With `file-type` installed, the first bytes must agree, too. SVG, HTML and other types that could run scripts on the
   * site are taken only if they are named. Default: all.
   */
  readonly accept?: readonly string[];
  readonly maxSizeBytes?: number;
  /**
   * Looks at every content before it exists under any name: a virus scan, a format's own checks. Another row's file is read
   * through it when it is copied. `adopt(name)` adopts an object as it is.
   */
  readonly inspect?: Inspect | Inspector;
  /**
   * What the column holds when there is no file: `''` for a column that is `NOT NULL`, as Django makes them. Both null and
   * `''` are read as no file. Default: null.
   */
  readonly empty?: null | '';
  /**
   * The name of an object for rows that nobody gave a file. They show it until they get a file or are cleared. No row
   * removes or overwrites it, and a sweep leaves it alone. Give it also when the column has a `DEFAULT`.
   */
  readonly default?: string;
  readonly columns?: FileColumns<Row>;
  /**
   * For `claim` and `redeem`: the secret that signs tokens, at least 32 bytes, the same in every process. Several: the first
   * signs, all verify, so that a key can be replaced. Default: none, so that nothing can be claimed.
   */
  readonly claims?: { readonly signingKey: SigningKey | readonly SigningKey[] };
  /** Columns that are computed of the content while it is stored: an image's width and height. */
  readonly computed?: ComputedColumns<Row>;
  /** Objects that are made of this field's, and go with them: variants of images. Default: none are. */
  readonly derived?: DerivedOptions;
  /** `'strong'`: holding a handle keeps its row. Default: `'weak'`. */
  readonly ownership?: 'weak' | 'strong';
}
