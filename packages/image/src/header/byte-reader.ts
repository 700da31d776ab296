/** The content ended before its header did: thrown into a reading that needs another chunk. */
export class EndOfContent extends Error {}

/** What is read step by step: each step but the last one ends where the next chunk is needed. */
export type Reading<T> = Generator<undefined, T, undefined>;

/** Reads chunks from front to back. What was read or skipped is not kept, so that headers may lie behind any number of bytes. */
export class ByteReader {
  #chunk: Uint8Array = new Uint8Array();
  #at = 0;
  /** Bytes read or skipped so far. */
  position = 0;

  /** The chunk that a reading asked for. */
  give(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#at = 0;
  }

  /** The next byte. */
  *byte(): Reading<number> {
    for (;;) {
      const byte = this.#chunk[this.#at];
      if (byte !== undefined) {
        this.#at++;
        this.position++;
        return byte;
      }
      yield;
    }
  }

  /** The next bytes. */
  *take(length: number): Reading<DataView> {
    const bytes = new Uint8Array(length);
    for (let filled = 0; filled < length; ) {
      while (this.#at === this.#chunk.byteLength) yield;
      const part = this.#chunk.subarray(this.#at, this.#at + length - filled);
      bytes.set(part, filled);
      filled += part.byteLength;
      this.#at += part.byteLength;
    }
    this.position += length;
    return new DataView(bytes.buffer);
  }

  *skip(length: number): Reading<void> {
    for (let left = length; left > 0; ) {
      while (this.#at === this.#chunk.byteLength) yield;
      const step = Math.min(left, this.#chunk.byteLength - this.#at);
      this.#at += step;
      left -= step;
    }
    this.position += length;
  }

  /** The next bytes, of which no more than `most` are kept. */
  *takeUpTo(length: number, most: number): Reading<DataView> {
    const view = yield* this.take(Math.min(length, most));
    yield* this.skip(length - view.byteLength);
    return view;
  }
}

/** Bytes as text: of a chunk, box or brand. */
export function textAt(view: DataView, start: number, length: number): string {
  let text = '';
  for (let at = start; at < start + length && at < view.byteLength; at++)
    text += String.fromCharCode(view.getUint8(at));
  return text;
}
