import type { CallOptions, ComputableDigest, SignedUpload } from '@fieldfile/storage';
import type { PartDigest } from '@fieldfile/storage/parts';

/** What is known of a file before its bytes are sent, as a browser's `File` tells it. */
export interface ClaimOptions extends CallOptions {
  /** What the client calls it: its base name is used. */
  readonly filename: string;
  /** Exactly. */
  readonly sizeBytes: number;
  /** Default: by the file's name. */
  readonly contentType?: string;
  /** Of the whole content, where the client has read it before. What is uploaded must have it. */
  readonly digest?: { readonly algorithm: ComputableDigest; readonly base64: string };
  /**
   * What the client can send with each part, of a claim in parts: {@link PartsClaim.partDigest} says whether it has to. Default:
   * none.
   */
  readonly partDigest?: PartDigest;
  /** Who may redeem the claim: the id of a user or a session. Nobody else can, whatever they know. */
  readonly for: string;
  /** For how long the upload may begin, in whole seconds. Default: 3600. */
  readonly expiresInSeconds?: number;
  /** For how long the claim can be redeemed. Default: an hour longer than the upload may begin. */
  readonly keepSeconds?: number;
}

/** A claim whose file may come in parts. */
export interface ClaimInPartsOptions extends ClaimOptions {
  /** `'always'`, or `'if-needed'`: where the storage takes no such file in one request. */
  readonly parts: 'always' | 'if-needed';
  /** The length of all parts but the last; larger where the storage has to have them larger. Default: 16 MiB. */
  readonly partBytes?: number;
}

/** A place for one file that a client uploads itself. */
export interface UploadClaim {
  /** The request that the client is to make. It can be made once. */
  readonly upload: SignedUpload;
  /** What the client sends back once that is done: `field.redeem` makes a file of it. It can be kept by the client. */
  readonly token: string;
}

/** A place for one file whose parts a client sends itself, straight to the storage. */
export interface PartsClaim {
  /** The client sends it back for every signature, and for `field.redeem` once all parts are stored. */
  readonly token: string;
  /** Of all parts but the last. Without `sizeBytes`: the least length that these may have. */
  readonly partBytes: number;
  /** Parts have the numbers from 1 to this one. Without `sizeBytes`: at the most. */
  readonly partCount: number;
  /**
   * Each part is signed with this digest of its bytes, and no others are stored: `digests` of `signParts`. Present where it was asked
   * for, and the storage takes it.
   */
  readonly partDigest?: PartDigest;
}

/** A part as the client was answered for it. */
export interface ClientPart {
  readonly number: number;
  /** The `ETag` of the answer; of a part that has a digest, a space and the digest behind it. */
  readonly receipt: string;
}

export interface RedeemOptions extends CallOptions {
  /** Who redeems: what `for` was when it was claimed. */
  readonly for: string;
  /** Of a claim in parts: all of them, as the client was answered. Default: the storage is asked for them, by one request more. */
  readonly parts?: readonly ClientPart[];
}
