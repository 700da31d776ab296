import { createHash } from 'node:crypto';

/** The SHA-256 of a content in hexadecimal digits, computed as it flows by. */
export async function sha256(
  content: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void = () => {},
): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of content) {
    hash.update(chunk);
    onBytes(chunk.byteLength);
  }
  return hash.digest('hex');
}
