import { createHash } from 'node:crypto';

const BLOCK_BYTES = 64 * 1024;

/**
 * Bytes that tell where they are from: another seed or another place gives other bytes, so that nothing lost, doubled,
 * swapped or mixed goes unseen. Always the same for one seed and size.
 */
export function* pattern(seed: number, sizeBytes: number): Generator<Uint8Array<ArrayBuffer>> {
  const block = randomBlock(seed, Math.min(BLOCK_BYTES, sizeBytes));
  for (let offset = 0; offset < sizeBytes; offset += BLOCK_BYTES) {
    const chunk = block.slice(0, sizeBytes - offset);
    if (chunk.byteLength >= 4) new DataView(chunk.buffer).setUint32(0, offset ^ seed);
    yield chunk;
  }
}

/** The same as one array. */
export function patternBytes(seed: number, sizeBytes: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sizeBytes);
  let offset = 0;
  for (const chunk of pattern(seed, sizeBytes)) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

/** The same as a one-shot stream that makes its bytes when they are asked for. */
export async function* patternStream(
  seed: number,
  sizeBytes: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  yield* pattern(seed, sizeBytes);
}

/** Bytes as a one-shot stream of chunks of one size. */
export async function* inChunks(bytes: Uint8Array, chunkBytes: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += chunkBytes)
    yield bytes.subarray(start, start + chunkBytes);
}

/** SHA-256, in hexadecimal. */
export async function digestOf(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}

/** Xorshift: quick, and without a period that a block could show. */
function randomBlock(seed: number, sizeBytes: number): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(sizeBytes);
  let state = (seed + 1) * 0x9e3779b1;
  for (let index = 0; index < sizeBytes; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    block[index] = state;
  }
  return block;
}
