/** A digest in the making. */
export interface RunningDigest {
  update(chunk: Uint8Array): void;
  base64(): string;
}
