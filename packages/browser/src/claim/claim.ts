/** What the application's server is asked a claim for: what `field.claim` takes, but for the user, who is for the server to say. */
export interface ClaimRequest {
  readonly filename: string;
  readonly sizeBytes: number;
  readonly contentType?: string;
  readonly digest?: { readonly algorithm: 'sha256'; readonly base64: string };
  /** What is sent with each part, where the claim asks for it. */
  readonly partDigest?: 'crc32';
}

/** What `field.claim` of `@fieldfile/core` gives, as JSON: the file goes by one request. */
export interface Claim {
  readonly upload: SignedRequest;
  readonly token: string;
}

/** A request to the storage. */
export interface SignedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What `field.claim` with `parts`, or `claimParts` of `@fieldfile/core/resumable`, gives: the file goes in parts, several at once. */
export interface PartsClaim {
  readonly token: string;
  /** The length of all parts but the last. */
  readonly partBytes: number;
  /** Parts have the numbers from 1 to this one. */
  readonly partCount: number;
  /** Each part is signed with this digest, and sent with it. */
  readonly partDigest?: 'crc32';
}

/**
 * What the application's server is asked of a claim in parts: with `numbers` to sign these parts, where the claim has `partDigest`
 * with the `digests` of these by number, in base64; with `parts` to make the file of these, with `end` to give the upload up, and with the token alone which parts are stored.
 */
export interface PartsRequest {
  readonly token: string;
  readonly numbers?: readonly number[];
  readonly digests?: Readonly<Record<number, string>>;
  readonly parts?: readonly SentPart[];
  readonly end?: true;
}

/**
 * What it answers: requests for the parts, as `signParts` gives them; the numbers that `storedParts` gives; the token that
 * `completeParts` gives.
 */
export interface PartsAnswer {
  readonly parts?: readonly SignedPart[];
  readonly stored?: readonly number[];
  readonly token?: string;
}

/** What the storage has answered for a part: its `ETag`, with a space and the digest behind it where the part has one. */
export interface SentPart {
  readonly number: number;
  readonly receipt: string;
}

/** The request that stores one part. */
export interface SignedPart {
  readonly number: number;
  readonly request: SignedRequest;
}

/** How the application's server is asked: by its address, with POST and JSON, or by a function. */
export type Asked<Question, Answered> =
  | string
  | URL
  | ((
      question: Question,
      call: { readonly signal: AbortSignal },
    ) => Answered | Response | Promise<Answered | Response>);
