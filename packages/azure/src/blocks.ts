import { Readable } from 'node:stream';
import { ChunkGarbage } from '@fieldfile/storage/backend';

/** A piece of content in memory. */
export interface Block {
  readonly chunks: readonly Uint8Array[];
  readonly sizeBytes: number;
  /** It has arrived: its memory is for a later block. */
  release(): void;
}

/**
 * Cuts a stream into blocks of one size, the last one smaller. Reads on only when asked.
 *
 * The first block, which most content is no larger than, has the chunks as they came. The others are copied into memory
 * that goes round: chunks that are kept as long as a block is sent outlive the cheap collections (see {@link ChunkGarbage}).
 */
export class BlockReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #blockSizeBytes: number;
  readonly #free: Uint8Array[] = [];
  readonly #garbage = new ChunkGarbage();
  #rest: Uint8Array | undefined;
  #isOver = false;
  #isFirst = true;

  constructor(chunks: AsyncIterable<Uint8Array>, blockSizeBytes: number) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#blockSizeBytes = blockSizeBytes;
  }

  /** Whether the stream has ended, as far as is known without reading on. */
  get isOver(): boolean {
    return this.#isOver;
  }

  async next(): Promise<Block | undefined> {
    const gathered = this.#isFirst ? new AsTheyCame() : new InMemory(this.#free, this.#blockSizeBytes);
    this.#isFirst = false;
    while (gathered.sizeBytes < this.#blockSizeBytes) {
      const chunk = this.#rest ?? (await this.#read());
      if (!chunk) break;
      const fits = chunk.subarray(0, this.#blockSizeBytes - gathered.sizeBytes);
      this.#rest = fits.byteLength < chunk.byteLength ? chunk.subarray(fits.byteLength) : undefined;
      gathered.append(fits);
      this.#garbage.passed(chunk);
    }
    return gathered.sizeBytes === 0 ? undefined : gathered;
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

class AsTheyCame implements Block {
  readonly chunks: Uint8Array[] = [];
  sizeBytes = 0;

  append(chunk: Uint8Array): void {
    this.chunks.push(chunk);
    this.sizeBytes += chunk.byteLength;
  }

  release(): void {}
}

class InMemory implements Block {
  readonly #free: Uint8Array[];
  readonly #maxBytes: number;
  #memory: Uint8Array | undefined;
  sizeBytes = 0;

  constructor(free: Uint8Array[], maxBytes: number) {
    this.#free = free;
    this.#maxBytes = maxBytes;
  }

  get chunks(): readonly Uint8Array[] {
    return this.#memory ? [this.#memory.subarray(0, this.sizeBytes)] : [];
  }

  append(chunk: Uint8Array): void {
    this.#memory ??= this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#maxBytes);
    this.#memory.set(chunk, this.sizeBytes);
    this.sizeBytes += chunk.byteLength;
  }

  release(): void {
    if (this.#memory) this.#free.push(this.#memory);
    this.#memory = undefined;
  }
}

/** What is handed to the connection at a time: on a slow one, its taking the next is the only sign of life. */
const SLICE_BYTES = 512 * 1024;

/** A block as the SDK takes it. */
export function bodyOf({ chunks }: Block, onProgress: () => void): Uint8Array | (() => Readable) {
  const [first = new Uint8Array(), ...more] = chunks;
  if (more.length === 0 && first.byteLength <= SLICE_BYTES) return first;
  return () => Readable.from(slicesOf(chunks, onProgress), { objectMode: false });
}

function* slicesOf(chunks: readonly Uint8Array[], onSlice: () => void): Generator<Uint8Array> {
  for (const chunk of chunks)
    for (let start = 0; start < chunk.byteLength; start += SLICE_BYTES) {
      onSlice();
      yield chunk.subarray(start, start + SLICE_BYTES);
    }
}

/** A blob has at most so many blocks. */
export const MAX_BLOCKS = 50_000;

/** With the write id in it, so that two writers of one name do not take each other's blocks for their own. */
export function blockId(writeId: string, index: number): string {
  return Buffer.from(`${writeId}-${String(index).padStart(5, '0')}`).toString('base64');
}
