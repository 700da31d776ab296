/** Chunks that pass by, for one reader: a push waits until the one before was taken. */
export class PassedChunks implements AsyncIterable<Uint8Array> {
  #chunk: Uint8Array | undefined;
  #isOver = false;
  /** Wakes whoever waits: the reader for a chunk, or the writer for the reader. */
  #wake = Promise.withResolvers<void>();

  /** Settles when the chunk before was taken, or nobody reads any more. Undefined: that is so already. */
  push(chunk: Uint8Array): Promise<void> | undefined {
    if (this.#chunk && !this.#isOver) return this.#pushLater(chunk);
    if (this.#isOver) return undefined;
    this.#chunk = chunk;
    this.#changed();
    return undefined;
  }

  async #pushLater(chunk: Uint8Array): Promise<void> {
    while (this.#chunk && !this.#isOver) await this.#wake.promise;
    this.push(chunk);
  }

  /** No more come; what was pushed can still be read. */
  end(): void {
    this.#isOver = true;
    this.#changed();
  }

  /** Nobody reads any more. */
  close(): void {
    this.#chunk = undefined;
    this.end();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (;;) {
        const chunk = this.#chunk;
        this.#chunk = undefined;
        this.#changed();
        if (chunk) yield chunk;
        else if (this.#isOver) return;
        else await this.#wake.promise;
      }
    } finally {
      this.close();
    }
  }

  #changed(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }
}
