import type { Storage } from '@fieldfile/storage';

/** A fresh, empty storage, and what its owner can see or do beside it. Every behaviour gets one of its own. */
export interface StorageUnderTest {
  readonly storage: Storage;
  /** What is left beside the objects: temporary files, receipts, uploads, parts. Names, for the message. */
  residue?(): Promise<readonly string[]>;
  /** Sockets or file descriptors the storage has in use; idle connections kept alive do not count. */
  sockets?(): Promise<number>;
  /** A second client on the same objects. */
  reopen?(): Promise<Storage>;
  /** Power loss: drops what is not durable, and opens what is. `storage` is not used afterwards. */
  crash?(): Promise<Storage>;
  /** A client on the same objects that has no right to anything. */
  forbidden?(): Promise<Storage>;
  /**
   * A client on the same objects whose every request is answered 200 by what is no store, as by a login page in the way.
   * Its settings say that nothing is to be proved before it writes.
   */
  astray?(): Promise<Storage>;
  /**
   * A client on the same objects whose `nth` request that changes something, from 1, goes wrong: `'busy'` is a 503 in its
   * place, `'early'` one that comes before the request's body does, `'lost'` an answer that never comes back. Not lost is what only begins an upload, which nobody would know of.
   */
  faltering?(nth: number, how: 'busy' | 'early' | 'lost'): Promise<FalteringStorage>;
  /** A client on the same objects that is told to give every object these headers, whoever uploads it. */
  giving?(headers: ObjectHeaders): Promise<Storage>;
  /** Sends a request to a URL the storage made, through whatever serves it. */
  fetch?(request: Request): Promise<Response>;
  /** Puts an object there past the storage, as another program would. Default: through the backend. */
  plant?(name: string): Promise<void>;
  dispose?(): Promise<void>;
}

/** What every object is given, as a storage's own option says it. */
export interface ObjectHeaders {
  readonly cacheControl?: string;
  readonly contentLanguage?: string;
  readonly contentDisposition?: string;
}

/** A storage one of whose requests goes wrong. */
export interface FalteringStorage {
  readonly storage: Storage;
  /** Whether it has come to that. */
  hasFaltered(): boolean;
}

/** What not every service can do. Whoever lacks one says why; its behaviours are skipped with that reason. */
export type Feature =
  /** Creates objects: a server that ignores conditions would overwrite. What hangs on it is skipped, and the rest told. */
  | 'create'
  /** Keeps metadata with an object. */
  | 'metadata'
  /** Keeps the content type it was given. */
  | 'content-type'
  /** Names differing in case or Unicode normalisation are different names. */
  | 'exact-names'
  /** `a` and `a/b` may both be objects. */
  | 'object-below-object'
  /** An object being written shows up nowhere, not even as a stub. */
  | 'hidden-while-written'
  /** `replace` honours `ifMatch`. */
  | 'replace-if-match'
  /** `remove` honours `ifMatch`. */
  | 'remove-if-match'
  /** What an upload by form (`POST`) says of its object, such as `Cache-Control`, reaches it. */
  | 'form-headers'
  /** Parts of a write go when something else is put in its place on purpose. */
  | 'drops-overtaken-parts'
  /** Memory stays flat whatever the size. */
  | 'flat-memory';

/** What is tested, and how hard. */
export interface StorageContractOptions {
  /** Shown in titles and in the closing line. */
  readonly name: string;
  create(): Promise<StorageUnderTest>;
  /** Why a feature is missing, for each that is. Default: none is. */
  readonly lacks?: Readonly<Partial<Record<Feature, string>>>;
  /** Size of the streams in races and resumes: larger than one part or block of the service. Default: 20 MiB. */
  readonly largeBytes?: number;
  /** Size of the stream whose memory is watched. Default: 256 MiB. */
  readonly hugeBytes?: number;
  /** How much the process may grow meanwhile: part size × concurrency is part of it. Default: 80 MiB. */
  readonly maxGrowthBytes?: number;
  /** How far a backend may read ahead of what it has reported as sent. Default: 16 MiB. */
  readonly maxAheadBytes?: number;
  /** Rivals in a race. Default: 20. */
  readonly concurrency?: number;
  /** Uploads that are aborted one after another. Default: 1000. */
  readonly abortedUploads?: number;
  /** Within which an abort must have rejected. Default: 10,000. */
  readonly deadlineMs?: number;
  /** For one behaviour. Default: 120,000. */
  readonly timeLimitMs?: number;
  /** Text that must never be seen in an error or inspected storage: keys, passwords, signatures. */
  readonly secrets?: readonly string[];
}

/** Options with every default filled in. */
export type StorageContractSettings = Required<StorageContractOptions>;

export function resolveOptions(options: StorageContractOptions): StorageContractSettings {
  return {
    lacks: {},
    largeBytes: 20 * 1024 * 1024,
    hugeBytes: 256 * 1024 * 1024,
    maxGrowthBytes: 80 * 1024 * 1024,
    maxAheadBytes: 16 * 1024 * 1024,
    concurrency: 20,
    abortedUploads: 1000,
    deadlineMs: 10_000,
    timeLimitMs: 120_000,
    secrets: [],
    ...options,
  };
}
