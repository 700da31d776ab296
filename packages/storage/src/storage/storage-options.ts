import type { ComputableDigest } from '../content/digest.ts';
import type { NamePolicy } from '../names/name-policy.ts';
import type {
  ByteRange,
  CallOptions,
  Digest,
  ObjectInfo,
  ObjectVersion,
  UploadProgress,
  UrlKind,
  Visibility,
  WriteId,
} from './backend.ts';

/** How often and how long a failed call is tried again. Only what is safe to repeat is repeated. */
export interface RetryOptions {
  /** Calls in all, the first included. Default: 4. `1` turns retrying off. */
  readonly attempts?: number;
  /** The first wait is random between 0 and this; it doubles each time ("full jitter"). Default: 100. */
  readonly baseDelayMs?: number;
  /**
   * No wait is longer than this, but by its random part where the service itself says how long (`Retry-After`): that
   * is waited for up to this limit. Default: 5000.
   */
  readonly maxDelayMs?: number;
}

export interface StorageOptions {
  /**
   * What the storage is called in journals and errors. Two storages have one id exactly when they hold the same objects.
   * Default: made of where the objects are; needed where that cannot be told.
   */
  readonly id?: string;
  /** Ids that it had before: a journal's entries under these are still its own. Default: none. */
  readonly formerIds?: readonly string[];
  /** How names are made. Default: `djangoNames()`. */
  readonly names?: NamePolicy;
  readonly retry?: RetryOptions;
  /**
   * What `url()` gives. `'public'`: the objects' addresses, which anybody may read at if the service lets them.
   * `'signed'`: URLs that hold for a while. Default: signed where the storage can sign, else public.
   */
  readonly urls?: UrlKind;
  /**
   * Store some types compressed, with `Content-Encoding: gzip`, so that less is kept and sent and browsers decode it.
   * Reading gives the content that was given, whatever this option says by then; a range of it is cut out while it is
   * read from its beginning. The digest that is asked for with a write, and a length or limit given with it, are of
   * the content; every `sizeBytes` that comes back, and a digest the storage itself keeps, of what is stored.
   * `true`: CSS, JavaScript and SVG. Default: false.
   *
   * Not every storage can: `unsupported` when it is made, as on local disk.
   */
  readonly gzip?: boolean | GzipOptions;
}

/** Which contents are stored compressed. */
export interface GzipOptions {
  /** Types as `text/css`, compared without parameters. Default: those of CSS, JavaScript and SVG. */
  readonly contentTypes?: readonly string[];
}

/** Options of `Storage.save` and `Storage.create`. */
export interface SaveObjectOptions extends CallOptions {
  /** Longest name, in characters (code points): the length of the database column. */
  readonly maxLength?: number;
  /**
   * What to do where something has the name: take another (`'rename'`), or store nothing and fail with `exists`, for who
   * wants this very name. Default: `'rename'`.
   */
  readonly onTaken?: 'rename' | 'fail';
  readonly contentType?: string;
  readonly cacheControl?: string;
  readonly contentDisposition?: string;
  /**
   * Who may read the object at its public address: anybody, or nobody without credentials. Default: as the storage's
   * options or the bucket say. Only where the service keeps it with each object (S3 and Google Cloud Storage, in buckets
   * with ACLs), else `unsupported`.
   */
  readonly visibility?: Visibility;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly onProgress?: (progress: UploadProgress) => void;
  /** Refuse content beyond this, before or while it streams; nothing is left. */
  readonly maxSizeBytes?: number;
  /** The content's length, where the content itself cannot tell (a stream). A difference stores nothing: `integrity`. */
  readonly sizeBytes?: number;
  /** Compute this digest while the bytes stream. Needs a runtime with `node:crypto` and `node:zlib`. */
  readonly digest?: ComputableDigest;
  /** Fixed write id, where a journal made it. Default: a fresh one. */
  readonly writeId?: WriteId;
  /** Told of every name before the backend tries it, and awaited: where a journal keeps up. */
  readonly onCandidate?: (name: string) => Promise<void>;
}

export interface ReplaceObjectOptions
  extends Omit<SaveObjectOptions, 'maxLength' | 'onCandidate' | 'onTaken'> {
  /** Only this version may be replaced, else `precondition`. */
  readonly ifMatch?: ObjectVersion;
}

/** Options of `Storage.copy` and `Storage.move`. */
export interface CopyObjectOptions extends SaveObjectOptions {
  /** Only this version may be copied, else `precondition`. */
  readonly ifMatch?: ObjectVersion;
}

/** A write whose row is not yet known to be committed: `settle` or `undo` it by name and write id. */
export interface ObjectWrite {
  readonly name: string;
  readonly writeId: WriteId;
  /** With the digest that was asked for. */
  readonly info: ObjectInfo;
}

/** How much may be read. */
export interface ReadLimit {
  /**
   * At most so many bytes of the content, else `too-large`: of a part that is asked for, the bytes of that part. What is
   * stored compressed is counted as it is decoded, so that a few stored bytes cannot become any number of them.
   */
  readonly maxBytes?: number;
}

/** The bytes from `start` (0 by default) to `endExclusive` (the end by default), where all of them are not wanted. */
export interface OpenObjectOptions extends CallOptions, Partial<ByteRange>, ReadLimit {
  /** Only this version may be read, else `precondition`. */
  readonly ifMatch?: ObjectVersion;
  /**
   * Check the whole body against this digest, or (`true`) the one the storage keeps; a difference is `integrity`.
   * Default: false.
   */
  readonly verify?: boolean | Digest;
}

/** One object opened for reading. `await using` it: that frees the socket or file however the block ends. */
export interface OpenedObject extends AsyncDisposable {
  readonly info: ObjectInfo;
  /** Resumes by itself after a reset, from the same version, and never ends short of the length. */
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** @throws `too-large` beyond `maxBytes`, or beyond the one it was opened with. */
  bytes(limit?: ReadLimit): Promise<Uint8Array<ArrayBuffer>>;
  /** Decoded as UTF-8. Throws as {@link bytes}. */
  text(limit?: ReadLimit): Promise<string>;
}

export interface ListObjectsOptions extends CallOptions {
  /** Only names after this one, in the storage's order: to go on where an earlier listing stopped. */
  readonly after?: string;
  /** Objects in all: no more are asked for. Default: no limit. */
  readonly limit?: number;
  /** Objects a request. Default: 1000, and fewer at first where the service takes the time for each. */
  readonly pageSize?: number;
  /** Fill size, version and time of every object, also where that costs a call each (fs). Default: false. */
  readonly details?: boolean;
}

/** Django's `listdir`: names of one level, relative to it, without their trailing `/`. */
export interface Listing {
  readonly folders: readonly string[];
  readonly files: readonly string[];
}
