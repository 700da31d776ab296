/** What the application's server is asked a claim for: what `field.claim` takes, but for the user, who is for the server to say. */
export interface ClaimRequest {
  readonly filename: string;
  readonly sizeBytes: number;
  readonly contentType?: string;
  readonly digest?: { readonly algorithm: 'sha256'; readonly base64: string };
}

/** What `field.claim` of `@fieldfile/core` gives, as JSON. */
export interface Claim {
  readonly upload: {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
  };
  readonly token: string;
}
