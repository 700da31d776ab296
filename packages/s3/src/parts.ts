/** A piece of content in memory, as the chunks it came in. */
export interface Part {
  readonly chunks: readonly Uint8Array[];
  readonly sizeBytes: number;
  /** Nothing comes after it: the content has ended without an error. */
  readonly isLast: boolean;
}

/** Smaller chunks are gathered in blocks: an array entry and a write of their own would cost more than the copy. */
const SMALL_BYTES = 8 * 1024;
const BLOCK_BYTES = 64 * 1024;

/**
 * Cuts content into parts of exactly `partSizeBytes`, the last one shorter, without copying what comes in chunks of any
 * size worth keeping. There is at least one part. None is handed out before it is known whether it is the last.
 */
export async function* partsOf(
  chunks: AsyncIterable<Uint8Array>,
  partSizeBytes: number,
): AsyncGenerator<Part, void, undefined> {
  let gathered = new Gathered();
  for await (const chunk of chunks) {
    let rest = chunk;
    while (rest.byteLength > 0) {
      if (gathered.sizeBytes === partSizeBytes) {
        yield gathered.part(false);
        gathered = new Gathered();
      }
      const taken = rest.subarray(0, partSizeBytes - gathered.sizeBytes);
      gathered.append(taken);
      rest = rest.subarray(taken.byteLength);
    }
  }
  yield gathered.part(true);
}

class Gathered {
  sizeBytes = 0;
  readonly #chunks: Uint8Array[] = [];
  #block = new Uint8Array();
  /** How much of the block is taken; the taken rest of it is the last chunk. */
  #used = 0;
  #start = 0;

  append(chunk: Uint8Array): void {
    this.sizeBytes += chunk.byteLength;
    if (chunk.byteLength >= SMALL_BYTES) {
      this.#endBlock();
      this.#chunks.push(chunk);
      return;
    }
    if (this.#used + chunk.byteLength > this.#block.byteLength) {
      this.#endBlock();
      this.#block = new Uint8Array(BLOCK_BYTES);
      this.#used = 0;
      this.#start = 0;
    }
    this.#block.set(chunk, this.#used);
    this.#used += chunk.byteLength;
  }

  part(isLast: boolean): Part {
    this.#endBlock();
    return { chunks: this.#chunks, sizeBytes: this.sizeBytes, isLast };
  }

  #endBlock(): void {
    if (this.#used > this.#start) this.#chunks.push(this.#block.subarray(this.#start, this.#used));
    this.#start = this.#used;
  }
}
