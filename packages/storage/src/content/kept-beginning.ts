/**
 * Content that can be read once, whose beginning is kept: as long as no more than that was read, it can be sent again from
 * the start. Then nothing is kept.
 */
export class KeptBeginning {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #maxBytes: number;
  #kept: Uint8Array[] | undefined = [];
  #readBytes = 0;
  /** What is under way, whoever asked for it: an attempt that ended may have left it. A failure stays. */
  #reading: Promise<IteratorResult<Uint8Array, unknown>> | undefined;
  #attempt = 0;

  /** @param maxBytes are kept at most, and a chunk. */
  constructor(chunks: AsyncIterable<Uint8Array>, maxBytes: number) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#maxBytes = maxBytes;
  }

  /** Whether all that was read is here still. */
  get isWhole(): boolean {
    return this.#kept !== undefined;
  }

  /** The content from its beginning, while {@link isWhole}; what was opened before gets no more of it. */
  async *open(): AsyncGenerator<Uint8Array, void, undefined> {
    const attempt = ++this.#attempt;
    // It may grow meanwhile, by what the attempt before has asked for.
    let kept = this.#kept ?? [];
    for (let index = 0; index < kept.length && attempt === this.#attempt; index++)
      yield kept[index] as Uint8Array;
    kept = [];
    while (attempt === this.#attempt) {
      const { done, value } = await this.#next();
      if (done || attempt !== this.#attempt) return;
      yield value;
    }
  }

  /** Lets go of the content. Not awaited: it may wait for a chunk that never comes, until its signal is aborted. */
  close(): void {
    this.#kept = undefined;
    void (async () => this.#chunks.return?.())().catch(() => {});
  }

  #next(): Promise<IteratorResult<Uint8Array, unknown>> {
    this.#reading ??= this.#chunks.next().then(
      result => {
        this.#reading = undefined;
        if (!result.done) this.#keep(result.value);
        return result;
      },
      error => {
        this.#kept = undefined;
        throw error;
      },
    );
    return this.#reading;
  }

  #keep(chunk: Uint8Array): void {
    this.#readBytes += chunk.byteLength;
    this.#kept?.push(chunk);
    if (this.#readBytes > this.#maxBytes) this.#kept = undefined;
  }
}
