import type { ComputableDigest } from '../content/digest.ts';
import type { NamePolicy } from '../names/name-policy.ts';
import type {
  ByteRange,
  CallOptions,
  Digest,
  ObjectInfo,
  ObjectVersion,
  UrlKind,
  WriteId,
  WriteOptions,
} from './backend.ts';

/** How often a failed call is repeated, and after which time. Only what is safe to repeat is repeated. */
export interface RetryOptions {
  /** Calls in all, the first included. Default: 4. `1` turns retrying off. */
  readonly attempts?: number;
  /** The first wait is random between 0 and this; it doubles each time ("full jitter"). Default: 100. */
  readonly baseDelayMs?: number;
  /**
   * The longest wait. When the service itself says how long to wait (`Retry-After`), that is waited for up to this limit,
   * and a random part is added. Default: 5000.
   */
  readonly maxDelayMs?: number;
}

export interface StorageOptions {
  /**
   * What the storage is called in journals and errors. Two storages have the same id exactly when they hold the same
   * objects. Default: made of the place of the objects. Required when that place cannot be derived.
   */
  readonly id?: string;
  /** Ids that it had before. A journal still finds the entries that were written under them. Default: none. */
  readonly formerIds?: readonly string[];
  /** How names are made. Default: `djangoNames()`. */
  readonly names?: NamePolicy;
  readonly retry?: RetryOptions;
  /**
   * What `url()` gives. `'public'`: the objects' addresses, where anybody can read if the service allows it.
   * `'signed'`: URLs that hold for a while. Default: signed if the storage can sign, else public.
   */
  readonly urls?: UrlKind;
  /**
   * Stores some types compressed, with `Content-Encoding: gzip`. Less is kept and sent, and browsers decode it.
   * Reading gives the content as it was given, also after this option was changed. A range is read from the beginning
   * of the object. Of the content: the digest that a write asks for, and its length and limit. Of what is stored: every
   * `sizeBytes` that comes back, and the digest that the storage itself keeps.
   * `true`: CSS, JavaScript and SVG. Default: false.
   *
   * A storage that cannot do it, such as local disk, throws `unsupported` when it is made.
   */
  readonly gzip?: boolean | GzipOptions;
}

/** Which contents are stored compressed. */
export interface GzipOptions {
  /** Types as `text/css`, compared without parameters. Default: those of CSS, JavaScript and SVG. */
  readonly contentTypes?: readonly string[];
}

/**
 * Options of `Storage.save` and `Storage.create`: what a backend is given with a write, and what the storage sees to.
 * `visibility` is `unsupported` where the service does not keep it with each object (S3 and Google Cloud Storage do, in buckets
 * with ACLs).
 */
export interface SaveObjectOptions extends Omit<WriteOptions, 'writeId' | 'contentEncoding'> {
  /** Longest name, in characters (code points): the length of the database column. */
  readonly maxLength?: number;
  /**
   * What to do when the name is occupied: `'rename'` takes another name, `'fail'` stores nothing and fails with `exists`.
   * Default: `'rename'`.
   */
  readonly onTaken?: 'rename' | 'fail';
  /** Larger content is refused, before or while it streams. Nothing of it stays. */
  readonly maxSizeBytes?: number;
  /** The content's length, where the content itself cannot tell (a stream). A difference stores nothing: `integrity`. */
  readonly sizeBytes?: number;
  /** Compute this digest while the bytes stream. Needs a runtime with `node:crypto` and `node:zlib`. */
  readonly digest?: ComputableDigest;
  /** The write's id, if a journal made it. Default: a new one. */
  readonly writeId?: WriteId;
  /** Called with every name before the backend tries it, and awaited: a journal writes the name down. */
  readonly onCandidate?: (name: string) => Promise<void>;
}

export interface ReplaceObjectOptions
  extends Omit<SaveObjectOptions, 'maxLength' | 'onCandidate' | 'onTaken'> {
  /** Only this version may be replaced, else `precondition`. */
  readonly ifMatch?: ObjectVersion;
  /** False: the write can still be undone, as that of `create`. Follow it by `settle` or `undo`. Default: true. */
  readonly settles?: boolean;
}

/** Options of `Storage.copy` and `Storage.move`. */
export interface CopyObjectOptions extends SaveObjectOptions {
  /** Only this version may be copied, else `precondition`. */
  readonly ifMatch?: ObjectVersion;
}

/** A write that is not final yet: call `settle` or `undo` with its name and write id. */
export interface ObjectWrite {
  readonly name: string;
  readonly writeId: WriteId;
  /** With the digest that was asked for. */
  readonly info: ObjectInfo;
}

/** How much may be read. */
export interface ReadLimit {
  /**
   * At most so many bytes, else `too-large`. Of a part, the bytes of that part count. Of an object that is stored
   * compressed, the decoded bytes count, so a few stored bytes cannot become any number of them.
   */
  readonly maxBytes?: number;
}

/** Which bytes to read: from `start` (default 0) to `endExclusive` (default: the end). */
export interface OpenObjectOptions extends CallOptions, Partial<ByteRange>, ReadLimit {
  /** Only this version may be read, else `precondition`. */
  readonly ifMatch?: ObjectVersion;
  /**
   * Check the whole body against this digest, or (`true`) the one the storage keeps; a difference is `integrity`.
   * Default: false.
   */
  readonly verify?: boolean | Digest;
}

/** One object, opened for reading. Declare it with `await using`, or read it to its end: that frees the socket or file. */
export interface OpenedObject extends AsyncDisposable {
  readonly info: ObjectInfo;
  /** Goes on by itself after a reset, with the same version. It never ends before the whole length was read. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** @throws `too-large` beyond `maxBytes`, or beyond the one it was opened with. */
  bytes(limit?: ReadLimit): Promise<Uint8Array<ArrayBuffer>>;
  /** Decoded as UTF-8. Throws as {@link bytes}. */
  text(limit?: ReadLimit): Promise<string>;
}

export interface ListObjectsOptions extends CallOptions {
  /** Only names after this one, in the storage's order: a listing goes on where an earlier one stopped. */
  readonly after?: string;
  /** The largest number of objects. Default: no limit. */
  readonly limit?: number;
  /** Objects for each request. Default: 1000, and fewer at first if the service needs time for each. */
  readonly pageSize?: number;
  /** Also give size, version and time of every object when that needs a call for each (fs). Default: false. */
  readonly details?: boolean;
}

/** Django's `listdir`: names of one level, relative to it, without their trailing `/`. */
export interface Listing {
  readonly folders: readonly string[];
  readonly files: readonly string[];
}
