/** What an inspector is told of the content beside its bytes. */
export interface InspectedContent {
  /** `model.field` that is to have it. */
  readonly field: string;
  /** What the client called the file: its base name. */
  readonly filename: string;
  readonly contentType: string | undefined;
  /** In bytes, where it is known before the end. */
  readonly sizeBytes: number | undefined;
  /** Aborted when the store ends without a verdict, or the time for one is over. */
  readonly signal: AbortSignal;
}

/**
 * Looks at content while it is stored: a virus scan, a format's own checks. The last bytes are withheld from the storage until
 * the verdict, so that refused content never exists under any name. What throws stores nothing either: `not-inspected`.
 *
 * @param content its bytes, as they pass. To read them to the end is not needed for a verdict.
 * @returns why it is refused; undefined: it may be stored.
 */
export type Inspect = (
  content: AsyncIterable<Uint8Array>,
  about: InspectedContent,
) => Promise<string | undefined>;

/** An inspector with its limits. */
export interface Inspector {
  readonly inspect: Inspect;
  /** Longest time in which it neither reads on nor decides. Default: 30. */
  readonly timeoutSeconds?: number;
  /** It does not look at more: larger content is refused as `too-large`. Default: no limit. */
  readonly maxBytes?: number;
}
