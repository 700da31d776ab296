import { Readable } from 'node:stream';

/** A piece of content in memory: the chunks as they came, never put together. */
export interface Block {
  readonly chunks: readonly Uint8Array[];
  readonly sizeBytes: number;
}

/** Cuts a stream into blocks of one size, the last one smaller. Reads on only when asked. */
export class BlockReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #blockSizeBytes: number;
  #rest: Uint8Array | undefined;
  #isOver = false;

  constructor(chunks: AsyncIterable<Uint8Array>, blockSizeBytes: number) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#blockSizeBytes = blockSizeBytes;
  }

  /** Whether the stream has ended, as far as is known without reading on. */
  get isOver(): boolean {
    return this.#isOver;
  }

  async next(): Promise<Block | undefined> {
    const chunks: Uint8Array[] = [];
    let sizeBytes = 0;
    while (sizeBytes < this.#blockSizeBytes) {
      const chunk = this.#rest ?? (await this.#read());
      if (!chunk) break;
      const fits = chunk.subarray(0, this.#blockSizeBytes - sizeBytes);
      this.#rest = fits.byteLength < chunk.byteLength ? chunk.subarray(fits.byteLength) : undefined;
      chunks.push(fits);
      sizeBytes += fits.byteLength;
    }
    return sizeBytes === 0 ? undefined : { chunks, sizeBytes };
  }

  /** Tells the stream that nothing more is wanted of it. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    // Not awaited: one that hangs answers after that, and why it was left is what the caller is told.
    (async () => this.#chunks.return?.())().catch(() => {});
  }

  async #read(): Promise<Uint8Array | undefined> {
    if (this.#isOver) return undefined;
    const { done, value } = await this.#chunks.next();
    if (!done) return value;
    this.#isOver = true;
    return undefined;
  }
}

/** A block as the SDK takes it. */
export function bodyOf({ chunks }: Block): Uint8Array | (() => Readable) {
  const [first = new Uint8Array(), ...more] = chunks;
  return more.length === 0 ? first : () => Readable.from(chunks, { objectMode: false });
}

/** A blob has at most so many blocks. */
export const MAX_BLOCKS = 50_000;

/** With the write id in it, so that two writers of one name do not take each other's blocks for their own. */
export function blockId(writeId: string, index: number): string {
  return Buffer.from(`${writeId}-${String(index).padStart(5, '0')}`).toString('base64');
}
