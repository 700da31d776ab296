/** The content ended before its header did. */
export class EndOfContent extends Error {}

/** Reads chunks from front to back. What was read or skipped is not kept, so that headers may lie behind any number of bytes. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array();
  #at = 0;
  /** Bytes read or skipped so far. */
  position = 0;

  constructor(content: AsyncIterable<Uint8Array>) {
    this.#chunks = content[Symbol.asyncIterator]();
  }

  /** The next bytes. @throws EndOfContent. */
  async take(length: number): Promise<DataView> {
    const bytes = new Uint8Array(length);
    for (let filled = 0; filled < length; ) {
      if (this.#at === this.#chunk.byteLength) await this.#next();
      const part = this.#chunk.subarray(this.#at, this.#at + length - filled);
      bytes.set(part, filled);
      filled += part.byteLength;
      this.#at += part.byteLength;
    }
    this.position += length;
    return new DataView(bytes.buffer);
  }

  /** @throws EndOfContent. */
  async skip(length: number): Promise<void> {
    for (let left = length; left > 0; ) {
      if (this.#at === this.#chunk.byteLength) await this.#next();
      const step = Math.min(left, this.#chunk.byteLength - this.#at);
      this.#at += step;
      left -= step;
    }
    this.position += length;
  }

  /** The next bytes, of which no more than `most` are kept. @throws EndOfContent. */
  async takeUpTo(length: number, most: number): Promise<DataView> {
    const view = await this.take(Math.min(length, most));
    await this.skip(length - view.byteLength);
    return view;
  }

  async #next(): Promise<void> {
    const { done, value } = await this.#chunks.next();
    if (done) throw new EndOfContent();
    this.#chunk = value;
    this.#at = 0;
  }
}

/** Bytes as text: of a chunk, box or brand. */
export function textAt(view: DataView, start: number, length: number): string {
  let text = '';
  for (let at = start; at < start + length && at < view.byteLength; at++)
    text += String.fromCharCode(view.getUint8(at));
  return text;
}
