import type { Source } from '../content/source.ts';
import type { ObjectName, ObjectNameLimits } from '../names/object-name.ts';
import type { Place } from './places.ts';

/** One version of one object: an ETag, a generation, `ino:size:mtimeNs`. Opaque; handed back as `ifMatch`. */
export type ObjectVersion = string & { readonly '~brand': 'ObjectVersion' };

/** Unique per write attempt and kept with the object: the proof of who wrote it. */
export type WriteId = string & { readonly '~brand': 'WriteId' };

/** Whether anybody may read the objects, so that their addresses do, or only who has a signed URL. */
export type UrlKind = 'public' | 'signed';

/** Whether anybody may read one object at its address, or nobody without credentials. */
export type Visibility = 'public' | 'private';

/** The methods of a backend that give URLs. */
export type UrlMethod = 'publicUrl' | 'signUrl' | 'signUpload';

/** Bytes `start` (inclusive, from 0) to `endExclusive`; without an end, to the end of the object. */
export interface ByteRange {
  readonly start: number;
  readonly endExclusive?: number;
}

export type DigestAlgorithm = 'crc32' | 'crc32c' | 'crc64nvme' | 'md5' | 'sha256';

export interface Digest {
  readonly algorithm: DigestAlgorithm;
  readonly base64: string;
}

/** What a storage knows of one object. */
export interface ObjectInfo {
  readonly name: ObjectName;
  /** Of what is stored: with a {@link contentEncoding} that is not the length of what reading gives. */
  readonly sizeBytes: number;
  readonly version: ObjectVersion;
  /** When the object became visible, by the storage's clock. */
  readonly lastModified: Date;
  readonly contentType?: string;
  /** How the stored bytes are encoded; `Storage.open` decodes `gzip`. */
  readonly contentEncoding?: string;
  /** What it is saved as by who opens it on the storage, where that was said when it was stored, and the storage keeps it. */
  readonly contentDisposition?: string;
  /** The write that made it, where the backend keeps it with the object (fs answers through `findWrite` only). */
  readonly writeId?: WriteId;
  readonly digest?: Digest;
  readonly metadata: Readonly<Record<string, string>>;
}

/** One row of a listing: the name, and what the provider lists along with it (everything when `details` is asked). */
export interface ListedObject {
  readonly name: ObjectName;
  readonly sizeBytes?: number;
  readonly lastModified?: Date;
  readonly version?: ObjectVersion;
}

export interface ListPage {
  readonly objects: readonly ListedObject[];
  /** With a delimiter: the "folders" below the prefix, each ending in `/`. */
  readonly folders: readonly string[];
}

/**
 * Where a backend gets names from. It asks `next` whenever the service refuses one, and awaits the answer before it
 * uses it: that is where the alternative name is made, `maxLength` is kept and the journal learns the new name.
 * A backend must ask before it consumes a byte that it cannot read again.
 */
export interface Candidates {
  readonly first: ObjectName;
  /** @throws `name-too-long` when nothing shorter is left; the backend undoes and passes the error on. */
  next(refused: ObjectName): Promise<ObjectName>;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

/**
 * How much less a write promises for a power cut, of what can be made again. `'whole'`: the object may be gone after it, and
 * is whole where it is there. `'process-crash'`: it may also be empty or cut off. The folders that are made for it may be gone,
 * too: keep such objects in folders of their own.
 */
export type WriteDurability = 'whole' | 'process-crash';

export interface UndoOptions extends CallOptions {
  /** After a power cut, what was removed may be there again. Default: it is gone for good. */
  readonly durability?: WriteDurability;
  /**
   * For a write that replaced an object which is still wanted. Only what the write left beside the object is removed, such
   * as parts and temporary files. The object stays, whichever write made it. Default: false.
   */
  readonly keepObject?: boolean;
}

export interface UploadProgress {
  readonly sentBytes: number;
  /** Absent when the content's size is not known beforehand. */
  readonly totalBytes?: number;
}

/** What an object is given beside its bytes, and how its upload is followed. */
export interface WriteOptions extends CallOptions {
  readonly writeId: WriteId;
  readonly contentType?: string;
  /** How the source's bytes are encoded already. Only given to a backend that keeps it. */
  readonly contentEncoding?: string;
  readonly cacheControl?: string;
  readonly contentDisposition?: string;
  /**
   * Who may read the object at its public address: anybody, or nobody without credentials. Default: what the storage's
   * options or the bucket say. Only given to a backend that keeps it.
   */
  readonly visibility?: Visibility;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly onProgress?: (progress: UploadProgress) => void;
  /** Has an effect where it costs more that an object survives a power cut, as on a local disk. Default: it survives. */
  readonly durability?: WriteDurability;
}

/** What an upload by a client is to replace, and the write that it is. */
export interface UploadTarget {
  readonly version: ObjectVersion;
  readonly writeId: WriteId;
}

/** What is known of an upload beforehand. */
export interface UploadedOptions extends CallOptions {
  readonly exactBytes: number;
}

export interface ReplaceOptions extends WriteOptions {
  /** Only this version may be replaced. */
  readonly ifMatch?: ObjectVersion;
}

export interface ReadOptions extends CallOptions {
  readonly range?: ByteRange;
  /** Only this version may be read. */
  readonly ifMatch?: ObjectVersion;
}

export interface ListOptions extends CallOptions {
  /** Names that begin with this text; `''` for all. Not necessarily a folder. */
  readonly prefix: string;
  /** `'/'`: one level only, the deeper ones as `folders`. */
  readonly delimiter?: '/';
  /** Only names (and folders) after this one, in `listOrder`. */
  readonly after?: string;
  /** At most this many objects and folders on a page. */
  readonly pageSize: number;
  /**
   * Given when the caller did not say how long pages shall be. The first page may be as short as this, and later pages grow
   * up to what the service gives at once, even beyond `pageSize`. Default: `pageSize`.
   */
  readonly firstPageSize?: number;
  /** Fill in every {@link ListedObject}, even when that needs a call for each object. Default: false. */
  readonly details?: boolean;
}

/** One object opened for reading. Dispose of it, read or not: that frees the socket or file. */
export interface ReadResult extends AsyncDisposable {
  readonly info: ObjectInfo;
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  /**
   * What `body` would give, at once, in a buffer of its own: asked for instead of `body` by who wants no stream, where that is
   * cheaper. A wrapper with another body leaves it out. Default: `body` is read.
   */
  bytes?(): Promise<Uint8Array<ArrayBuffer>>;
}

export interface BackendLimits extends ObjectNameLimits {
  readonly maxObjectBytes: number;
  /** Bytes that fit when the size is not known beforehand (S3: part size × 10,000). */
  readonly maxStreamBytes: number;
}

/** The order of a listing. `'none'`: any order. `'preorder'`: hierarchical Azure. */
export type ListOrder = 'utf-8' | 'utf-16' | 'preorder' | 'none';

/** What `undo` found: something of that write, which it removed; nothing; or an object of another write, or one to be kept. */
export type UndoResult = 'removed' | 'absent' | 'foreign';

/**
 * What a provider package implements: object storage with exclusive creation and a proof of origin for every write.
 * `Storage` puts Django's behaviour on top. Wrappers (prefix, read-only, fault injection) are backends around a backend.
 *
 * Every method that takes a `signal` rejects with its abort as `aborted` soon after it fires, and leaves no listener on it.
 */
export interface Backend {
  /**
   * Two backends have the same id exactly when they reach the same objects: `fs:/srv/media`, `s3:https://host/bucket`.
   * Journal and sweep rely on it. It must not depend on how the place was spelled.
   */
  readonly id: string;
  /** Ids that earlier versions made for the same objects. */
  readonly formerIds?: readonly string[];
  /** Where the objects are, however it is called. Default: nothing is known but the id. */
  readonly place?: Place;
  /**
   * Called before a storage's first operation, for backends that cannot know the place for certain before. Gives the same
   * object every time.
   * @throws `invalid-argument` when the id is not that of the place.
   */
  locate?(): Promise<Place>;
  readonly limits: BackendLimits;
  readonly listOrder: ListOrder;
  /**
   * Whether the `contentEncoding` of a write is kept with the object and its copies, and given back. Bytes are read as they
   * are stored, never decoded. Default: false.
   */
  readonly keepsContentEncoding?: boolean;
  /** Whether each object can be public or private, whatever the others are. Default: false. */
  readonly keepsVisibility?: boolean;
  /**
   * Methods for URLs that this instance cannot serve: a disk without a key cannot sign. When they are called, they throw
   * `unsupported` and say what to do. Default: none.
   */
  readonly cannot?: readonly UrlMethod[];
  /** Whether objects can be read without credentials, if the backend was told. */
  readonly urls?: UrlKind | undefined;

  /**
   * Creates the object under the first candidate that is free. Never overwrites, and never asks for a second copy of a
   * one-shot source. A failure leaves nothing. When that cannot be known, the error says `applied: 'unknown'`.
   */
  create(source: Source, names: Candidates, options: WriteOptions): Promise<ObjectInfo>;
  /**
   * Replaces atomically, or creates. The old content stays until the new one is whole.
   * @throws `precondition` when `ifMatch` is given and another version, or none, is there.
   */
  replace(name: ObjectName, source: Source, options: ReplaceOptions): Promise<ObjectInfo>;
  /**
   * Removes everything that the write left: object, reservation, parts, blocks, temporary file. Never the object of
   * another write, even under the same name. It can be called again, also for a write that never began. What writes left beside
   * their objects that belong to this one (see `writeIdWithin`) goes, too; their objects stay.
   */
  undo(name: ObjectName, writeId: WriteId, options?: UndoOptions): Promise<UndoResult>;
  /** The object at `name`, if it is whole and that write made it. Default: `info`, then compare `writeId`. */
  findWrite?(name: ObjectName, writeId: WriteId, options?: CallOptions): Promise<ObjectInfo | undefined>;
  /** The write is committed. Removes what only `undo` and `findWrite` needed (fs: the receipt). Default: nothing. */
  settle?(name: ObjectName, writeId: WriteId, options?: CallOptions): Promise<void>;
  /**
   * Opens for reading. One attempt: `Storage` resumes with a range and `ifMatch`.
   * A range that begins at or after the end gives an empty body.
   * @throws `not-found`; `precondition` when `ifMatch` names another version.
   */
  read(name: ObjectName, options?: ReadOptions): Promise<ReadResult>;
  /** Undefined: the object is certainly absent. When the service forbids to tell, that is an error. */
  info(name: ObjectName, options?: CallOptions): Promise<ObjectInfo | undefined>;
  /**
   * Removes; false when there was nothing.
   * @throws `precondition` when `ifMatch` names another version.
   */
  remove(name: ObjectName, options?: CallOptions & { readonly ifMatch?: ObjectVersion }): Promise<boolean>;
  /** Removes many at once, if the provider can. Failures are returned, not thrown. */
  removeMany?(names: readonly ObjectName[], options?: CallOptions): Promise<ReadonlyMap<ObjectName, unknown>>;
  /** Gives pages in `listOrder`, each when it is asked for. Objects that are being written are not listed. */
  list(options: ListOptions): AsyncIterable<ListPage>;
  /** Copies without moving bytes through this process. Without it, `Storage` streams. */
  copy?(
    from: ObjectName,
    names: Candidates,
    options: WriteOptions & { readonly ifMatch?: ObjectVersion },
  ): Promise<ObjectInfo>;
  /**
   * Puts in its place what a client has uploaded by a URL signed with `replaces`, for backends whose signature cannot bind
   * that: the upload went aside, and what is aside goes. `undo` removes that, too. Default: uploads do not go aside.
   * @throws `not-found` when nothing was uploaded; `precondition` when another version than the target's is there.
   */
  placeUpload?(name: ObjectName, target: UploadTarget, options: UploadedOptions): Promise<ObjectInfo>;
  /** Releases what the backend holds open. The backend is not used afterwards. */
  close?(): Promise<void>;
}
