/** Small enough that a one-byte chunk wastes little, large enough that a big object is few of them. */
const BLOCK_BYTES = 64 * 1024;

/** The bytes of one object: copied in, copied out, so that nobody outside shares memory with the store. */
export class Blocks {
  readonly #blocks: Uint8Array<ArrayBuffer>[] = [];
  #sizeBytes = 0;

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  append(chunk: Uint8Array): void {
    for (let taken = 0; taken < chunk.byteLength; ) {
      const offset = this.#sizeBytes % BLOCK_BYTES;
      if (offset === 0) this.#blocks.push(new Uint8Array(BLOCK_BYTES));
      const piece = chunk.subarray(taken, taken + BLOCK_BYTES - offset);
      this.#blocks.at(-1)?.set(piece, offset);
      taken += piece.byteLength;
      this.#sizeBytes += piece.byteLength;
    }
  }

  /** A copy of all bytes, behind those of another. */
  appendTo(other: Blocks): void {
    for (const block of this.#blocks) other.append(block);
  }

  /** Gives back the unused rest of the last block. Nothing is appended afterwards. */
  trim(): void {
    const used = this.#sizeBytes % BLOCK_BYTES;
    const last = this.#blocks.at(-1);
    if (last && used > 0) this.#blocks[this.#blocks.length - 1] = last.slice(0, used);
  }

  /** A copy of the bytes from `start`, up to `endExclusive` or the end of the block that holds `start`. */
  copyFrom(start: number, endExclusive: number): Uint8Array<ArrayBuffer> {
    const index = Math.floor(start / BLOCK_BYTES);
    const origin = index * BLOCK_BYTES;
    return (this.#blocks[index] ?? new Uint8Array()).slice(start - origin, endExclusive - origin);
  }
}
