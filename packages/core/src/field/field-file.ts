import type {
  ByteRange,
  CallOptions,
  Content,
  ObjectInfo,
  OpenedObject,
  OpenObjectOptions,
  SaveObjectOptions,
} from '@fieldfile/storage';
import type { ComputedValues } from './computed-columns.ts';
import type { RowKey } from './row-key.ts';

/** What a file can be made of: bytes, or another row's stored file (copied, by the provider where it can; never shared). */
export type FileContent = Content | StoredFile;

/** What a caller says of content: some of the storage's options, and the file's name. The field decides the rest. */
export interface SaveOptions
  extends Pick<SaveObjectOptions, 'signal' | 'contentType' | 'sizeBytes' | 'onProgress'> {
  /**
   * File name, as the client or the program calls it: of a path, its base name. Not needed where the content has one (web
   * `File`, `fromPath`). `uploadTo` makes folders.
   */
  readonly name?: string;
}

export interface StageOptions extends SaveOptions {
  /** How long it waits for a row. Default: a day. */
  readonly keepSeconds?: number;
}

export interface FileUrlOptions {
  /** How long a signed URL holds. Default: 3600. Without effect where the storage is public. */
  readonly expiresInSeconds?: number;
  /**
   * Serve the file under this name, as a download unless `disposition` says otherwise: at a signed URL, also of a public
   * storage that can sign.
   */
  readonly download?: string;
  /** Show it in the browser, or save it; likewise. Default: as the object says, and `'attachment'` with a `download` name. */
  readonly disposition?: 'inline' | 'attachment';
}

/** Which part of a file is read, and how much at most. */
export type ReadPart = CallOptions & Partial<ByteRange> & Pick<OpenObjectOptions, 'maxBytes'>;

/** A handle as plain data, for queues and workers. It can be JSON. `field.revive` makes a handle of it again. */
export interface FileReference {
  readonly model: string;
  readonly field: string;
  readonly name: string | null;
  /** Null: the row was not inserted yet. */
  readonly key: RowKey | null;
}

/**
 * The file of one field of one row. The handle is the column's value: for one row object there is one handle, and it
 * never keeps the row in memory.
 *
 * An interface, so that handles of two installed copies are assignable and survive a `Proxy`.
 *
 * @example
 * ```ts
 * import type { FieldFile } from '@fieldfile/core';
 *
 * export async function addressOf(avatar: FieldFile): Promise<string | undefined> {
 *   return avatar.stored?.url({ expiresInSeconds: 300 });
 * }
 * ```
 */
export interface FieldFile<Owner extends object = object> {
  /** Object name on the storage. Null: no file. A handle is always truthy, so test `name` or use `stored`. */
  readonly name: string | null;
  /** This handle while it has a file, else null: `await user.avatar.stored?.url()`. */
  readonly stored: StoredFile<Owner> | null;
  /** Something was assigned that the row in the database does not have yet. */
  readonly pending: boolean;
  /** The row, while it lives; else undefined. */
  readonly owner: Owner | undefined;
  /**
   * Stores content and writes the new name into the row: by its key where there is a binding, and into the live row.
   *
   * @throws `owner-collected` before a byte is written, where the row is gone and nothing can update it; `conflict` when
   * the row changed meanwhile; `not-accepted`, `too-large`, `suspicious-name`, `name-too-long`, `content-consumed`,
   * `invalid-argument` before anything is stored. A failure leaves neither object nor change.
   */
  save(content: FileContent, options?: SaveOptions): Promise<void>;
  /**
   * Clears the row's column and removes the object. Nothing happens when there is no file. Throws as {@link save}.
   * Without a binding, the name that the row object had at first could come from a request (`Object.assign(row, body)`).
   * It is refused until `field.load(row, row.avatar)` has said that it is the database's.
   */
  delete(options?: CallOptions): Promise<void>;
  /** Same object on the same storage; a string or null is compared with the name. */
  equals(other: FieldFile | string | null): boolean;
  reference(): FileReference;
  /** The column's text. */
  toJSON(): string | null;
  /** The name, or `''`. */
  toString(): string;
}

/** A handle known to have a file: reading cannot fail with `no-file`. Reading never needs the row. */
export interface StoredFile<Owner extends object = object> extends FieldFile<Owner> {
  readonly name: string;
  /**
   * Overwrites the object atomically. The name stays. The columns that describe the bytes are null meanwhile, and true
   * afterwards; the column with the client's name for the file stays.
   * @throws `unsupported` in a transaction, which could not take it back: use {@link FieldFile.save}. Also with such
   * columns on a storage that cannot replace one version only; `conflict` when the row or the object was changed
   * meanwhile, or another row names the object, too; `not-found`; `owner-collected` as {@link FieldFile.save};
   * `invalid-argument` for a name as {@link FieldFile.delete} says.
   */
  replace(content: FileContent, options?: Omit<SaveOptions, 'name'>): Promise<void>;
  /** Where the file can be read: public or signed, as the storage's `urls` says. @throws `unsupported` if it has no URLs. */
  url(options?: FileUrlOptions): Promise<string>;
  /** @throws `unsupported` where objects are no files of this machine. */
  path(): string;
  /** In bytes: from the row's size column where there is one and the row lives, else from the storage. */
  size(options?: CallOptions): Promise<number>;
  /** @throws `not-found`. */
  info(options?: CallOptions): Promise<ObjectInfo>;
  /** Whether the object is there. */
  exists(options?: CallOptions): Promise<boolean>;
  /**
   * Opens for reading: `await using opened = await user.avatar.stored.open()`. Here and below, `start` (in bytes, from 0)
   * and `endExclusive` ask for a part. With `verify: true` the body is checked
   * against the row's digest column while the row lives, else against what the storage keeps.
   * @throws `not-found`; `integrity` while reading; `unsupported` where there is nothing to verify against.
   */
  open(options?: OpenObjectOptions): Promise<OpenedObject>;
  /** Opened when the first chunk is asked for; cancelling it frees the socket or file. No limit but `maxBytes`. */
  stream(options?: ReadPart): ReadableStream<Uint8Array<ArrayBuffer>>;
  /**
   * All of it in memory. Here and below, at most the field's `maxSizeBytes` unless `maxBytes` says otherwise: more is
   * `too-large`. `Infinity` lifts the limit.
   */
  bytes(options?: ReadPart): Promise<Uint8Array<ArrayBuffer>>;
  arrayBuffer(options?: ReadPart): Promise<ArrayBuffer>;
  /** Decoded as UTF-8. */
  text(options?: ReadPart): Promise<string>;
  /** In memory, with the content type. */
  blob(options?: ReadPart): Promise<Blob>;
  /** Lines of UTF-8 text with their endings (`\n`, `\r\n`, `\r`), also where one is split across chunks. A line is kept in memory. */
  lines(options?: ReadPart): AsyncIterable<string>;
}

declare const detached: unique symbol;

/** Content with a name that is no row's yet. Fits every file attribute; the first row that takes it consumes it. */
export interface NewFile extends FieldFile<never> {
  readonly [detached]: true;
}

/**
 * A file that is stored, and no row's yet: one row takes it, when it is assigned and that row is written. A rollback leaves it
 * for another try. What no row has taken when its time is over is taken back by `recover`, which asks the journal and lists
 * nothing.
 */
export interface StagedFile extends NewFile, AsyncDisposable {
  /** What another process makes a staged file of: {@link FileField.restage}. Sign it where it goes through a client's hands. */
  readonly staged: StagedReference;
  /** Takes it back now, unless it was assigned. Disposing does the same. */
  undo(): Promise<void>;
}

/** A staged file as plain data, also as JSON. */
export interface StagedReference {
  readonly model: string;
  readonly field: string;
  /** `Storage.id`. */
  readonly storage: string;
  readonly name: string;
  readonly writeId: string;
  readonly sizeBytes: number;
  readonly contentType: string | null;
  /** What the client called it. */
  readonly originalName: string;
  /** As base64, where the field has a digest column. */
  readonly sha256: string | null;
  /** What the field computed of the content, where it does. */
  readonly computed?: ComputedValues | undefined;
  /** Until when it waits for a row; in milliseconds since 1970. */
  readonly untilMs: number;
  /** Of a claim: what the journal knows it by. */
  readonly claim?: string;
}

/** What can be assigned to a file. A bare string is refused: a name out of a request is not a file; see `adopt`. */
export type FileInput = FieldFile | File | null;
