import type {
  ByteRange,
  CallOptions,
  Digest,
  ObjectInfo,
  OpenedObject,
  OpenObjectOptions,
} from '@fieldfile/storage';

/** What can be served: a handle of a row, an object of a storage, or content of one's own. */
export type Servable = ServableHandle | ServableObject | ServableContent;

/** A handle of `@fieldfile/core`, by what it offers. One without a file is answered with 404. */
export interface ServableHandle {
  readonly stored: ReadableFile | null;
}

/** What a handle offers that has a file. */
export interface ReadableFile {
  readonly name: string;
  open(options?: OpenObjectOptions): Promise<OpenedObject>;
  info(options?: CallOptions): Promise<ObjectInfo>;
}

/** An object of a storage. */
export interface ServableObject {
  readonly storage: ReadableStorage;
  readonly name: string;
}

/** What of a `Storage` is needed to serve its objects. */
export interface ReadableStorage {
  open(name: string, options?: OpenObjectOptions): Promise<OpenedObject>;
  info(name: string, options?: CallOptions): Promise<ObjectInfo>;
}

/** Content that no storage keeps. */
export interface ServableContent {
  readonly info: ContentInfo;
  /**
   * The bytes from `range.start` to `range.endExclusive`, or all of them. A different length breaks the connection, so that
   * nobody takes it for the whole. Cancelled when the client leaves.
   */
  open(range?: ByteRange, options?: CallOptions): ContentBody | Promise<ContentBody>;
}

export type ContentBody = ReadableStream<Uint8Array>;

/** What is known of content. */
export interface ContentInfo {
  /** In bytes. Without it ranges are ignored, and the length is not told. */
  readonly sizeBytes?: number;
  /** Another one for every change: the ETag is made of it. */
  readonly version?: string;
  readonly lastModified?: Date;
  readonly contentType?: string;
  /** How the bytes are encoded that `open` gives. */
  readonly contentEncoding?: string;
  readonly digest?: Digest;
  /** Name to be saved under. Default: none. */
  readonly name?: string;
}
