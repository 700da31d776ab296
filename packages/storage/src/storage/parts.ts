import type { Source } from '../content/source.ts';
import type { ObjectName } from '../names/object-name.ts';
import type {
  CallOptions,
  Candidates,
  DigestAlgorithm,
  ObjectInfo,
  UploadProgress,
  WriteId,
  WriteOptions,
} from './backend.ts';

/** Which parts a backend takes. The last one may be smaller than the least, and empty. */
export interface PartLimits {
  readonly minPartBytes: number;
  readonly maxPartBytes: number;
  /** The highest number that a part may have; the lowest is 1. */
  readonly maxParts: number;
}

/** What clients send with each part, so that no other bytes are stored. */
export type PartDigest = Extract<DigestAlgorithm, 'crc32'>;

/** A write that comes in parts. All of it is text that can be kept: any process goes on with it. */
export interface PartedWrite {
  readonly name: ObjectName;
  readonly writeId: WriteId;
  /** What the backend needs to go on: an upload's id, say, and what the object is given beside its bytes. Opaque. */
  readonly id: string;
  /** Told by `begin`: each part that a client sends has to be signed with this digest ({@link SignPartOptions.digest}). */
  readonly partDigest?: PartDigest;
}

/**
 * Where a part stands. Parts follow each other in the order of their numbers; numbers may be left out. A number is used for one
 * attempt: who goes on after another takes higher ones, so that nothing the other still sends is taken for a part.
 */
export interface PartPlace {
  readonly number: number;
  /** Of its first byte in the object. */
  readonly offset: number;
}

/** A part that is stored. */
export interface StoredPart {
  readonly number: number;
  readonly sizeBytes: number;
  /** What tells this part from another of that number. Opaque. */
  readonly receipt: string;
}

export interface BeginOptions extends WriteOptions {
  /**
   * Clients will send parts: nothing may be needed for it that a browser does not send, such as a checksum of each. Default:
   * false.
   */
  readonly byClients?: boolean;
  /**
   * With `byClients`: clients can send this with each part. Where the service takes it, {@link PartedWrite.partDigest} says so, and
   * the object has the digest of the whole in the end. Default: none.
   */
  readonly partDigest?: PartDigest;
}

export interface WritePartOptions extends CallOptions {
  readonly onProgress?: (progress: UploadProgress) => void;
}

export interface SignPartOptions extends CallOptions {
  /** From now, in whole seconds, at least 1. */
  readonly expiresInSeconds: number;
  /** Exactly. Undefined: as long as a part may be; {@link PartedWrites.listParts} tells what came. */
  readonly sizeBytes?: number | undefined;
  /** Of this part: that of {@link PartedWrite.partDigest}, and none where that is absent. Other bytes are refused then. */
  readonly digest?: { readonly algorithm: PartDigest; readonly base64: string };
}

/** A request that a browser may make to store one part. Its length is that of {@link SignPartOptions.sizeBytes}, if that was given. */
export interface SignedPart {
  readonly method: 'PUT';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Writing one object in parts: in any order, several at once, and in more than one process after another. Until it is complete,
 * the name is held and there is no object. `Backend.undo` takes all of it back, also once it is complete, and `Backend.settle` ends
 * it as any write.
 */
export interface PartedWrites {
  readonly limits: PartLimits;
  /**
   * Holds the first candidate that is free. What is left of an attempt that failed, `undo` takes back. When that cannot be
   * known, the error says `applied: 'unknown'`.
   */
  begin(names: Candidates, options: BeginOptions): Promise<PartedWrite>;
  /**
   * Stores one part. A backend that has to know the length beforehand holds a source in memory that does not tell it.
   *
   * @throws `conflict` when the write was undone or is complete.
   */
  writePart(
    write: PartedWrite,
    place: PartPlace,
    source: Source,
    options?: WritePartOptions,
  ): Promise<StoredPart>;
  /**
   * Makes the object of these parts, in place of what holds the name; other parts are dropped. Asked once more after it is done,
   * it gives the same object.
   *
   * @param parts in the order of their numbers. None: an empty object.
   * @throws `precondition` when something else, or nothing, has the name; `conflict` when the write was undone; `integrity` when
   * a part is not there as it was stored.
   */
  complete(write: PartedWrite, parts: readonly StoredPart[], options?: CallOptions): Promise<ObjectInfo>;
  /**
   * Removes what a `complete` that did not come to its end may have left beside the object, and what writes left that belong to
   * this one (see `writeIdWithin`) and whose process died. Called before a row gets the object.
   * Apart from `Backend.settle`, so that no other write costs a request. Default: nothing can be left.
   */
  settle?(name: ObjectName, writeId: WriteId, options?: CallOptions): Promise<void>;
  /**
   * The request by which a client stores one part itself. {@link listParts} tells what came of it; the `ETag` of its answer is the
   * part's receipt, with a space and the digest behind it where the part has one.
   *
   * @throws `invalid-argument` without the digest that the write's parts have, and with one where they have none.
   */
  signPart?(write: PartedWrite, place: PartPlace, options: SignPartOptions): Promise<SignedPart>;
  /**
   * The parts that are stored, in the order of their numbers. Every backend has it that can sign parts.
   *
   * @throws `conflict` when the write was undone or is complete.
   */
  listParts?(write: PartedWrite, options?: CallOptions): Promise<readonly StoredPart[]>;
}

/** A backend whose service puts one object together of parts. */
export interface WritesParts {
  readonly parts: PartedWrites;
}
