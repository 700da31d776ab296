import type { Source } from '@fieldfile/storage';
import { ChunkGarbage } from '@fieldfile/storage/backend';

/** A piece of content in memory. */
export interface Part {
  readonly chunks: readonly Uint8Array[];
  readonly sizeBytes: number;
  /** Nothing comes after it: the content has ended without an error. */
  readonly isLast: boolean;
  /** It has been sent: its memory is for a later part. */
  release(): void;
}

/** Smaller chunks of the only part are gathered: an array entry and a write of their own would cost more than the copy. */
const SMALL_BYTES = 8 * 1024;
const SMALL_BLOCK_BYTES = 64 * 1024;
/** What is copied into memory that is used again. */
const BLOCK_BYTES = 512 * 1024;

/**
 * Cuts content into parts of exactly `partSizeBytes`, the last one shorter. There is at least one part. None is handed
 * out before it is known whether it is the last.
 *
 * The only part, which most content has, consists of the chunks as they came. Several are copied into blocks that go
 * round: chunks kept as long as a part is sent would outlive the cheap collections (see {@link ChunkGarbage}), and what
 * collects them then costs more than the copy.
 */
export async function* partsOf(
  chunks: AsyncIterable<Uint8Array>,
  partSizeBytes: number,
): AsyncGenerator<Part, void, undefined> {
  const free: Uint8Array[] = [];
  const garbage = new ChunkGarbage();
  let gathered: AsTheyCame | InBlocks = new AsTheyCame();
  for await (const chunk of chunks) {
    let rest = chunk;
    while (rest.byteLength > 0) {
      if (gathered.sizeBytes === partSizeBytes) {
        yield gathered.inBlocks(free).part(false);
        gathered = new InBlocks(free);
      }
      const taken = rest.subarray(0, partSizeBytes - gathered.sizeBytes);
      gathered.append(taken);
      rest = rest.subarray(taken.byteLength);
    }
    garbage.passed(chunk);
  }
  yield gathered.part(true);
}

/** Content that is known to be small, in one part. */
export async function wholeOf(source: Source, signal: AbortSignal | undefined): Promise<Part> {
  const { bytes } = source;
  if (bytes) return { chunks: [bytes], sizeBytes: bytes.byteLength, isLast: true, release() {} };
  const gathered = new AsTheyCame();
  for await (const chunk of source.open(signal)) gathered.append(chunk);
  const part = gathered.part(true);
  source.hold?.(part.chunks);
  return part;
}

/** A part in the making, of chunks that were not copied. */
class AsTheyCame {
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
      this.#block = new Uint8Array(SMALL_BLOCK_BYTES);
      this.#used = 0;
      this.#start = 0;
    }
    this.#block.set(chunk, this.#used);
    this.#used += chunk.byteLength;
  }

  part(isLast: boolean): Part {
    this.#endBlock();
    return { chunks: this.#chunks, sizeBytes: this.sizeBytes, isLast, release() {} };
  }

  inBlocks(free: Uint8Array[]): InBlocks {
    this.#endBlock();
    const blocks = new InBlocks(free);
    for (const chunk of this.#chunks) blocks.append(chunk);
    return blocks;
  }

  #endBlock(): void {
    if (this.#used > this.#start) this.#chunks.push(this.#block.subarray(this.#start, this.#used));
    this.#start = this.#used;
  }
}

/** A part in the making, in memory that goes round. */
class InBlocks {
  sizeBytes = 0;
  readonly #free: Uint8Array[];
  readonly #blocks: Uint8Array[] = [];

  constructor(free: Uint8Array[]) {
    this.#free = free;
  }

  inBlocks(): InBlocks {
    return this;
  }

  append(chunk: Uint8Array): void {
    let rest = chunk;
    while (rest.byteLength > 0) {
      const offset = this.sizeBytes % BLOCK_BYTES;
      if (offset === 0) this.#blocks.push(this.#free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES));
      const taken = rest.subarray(0, BLOCK_BYTES - offset);
      this.#blocks.at(-1)?.set(taken, offset);
      this.sizeBytes += taken.byteLength;
      rest = rest.subarray(taken.byteLength);
    }
  }

  part(isLast: boolean): Part {
    const { sizeBytes } = this;
    const blocks = this.#blocks;
    const free = this.#free;
    const chunks = blocks.map((block, index) => block.subarray(0, sizeBytes - index * BLOCK_BYTES));
    return { chunks, sizeBytes, isLast, release: () => void free.push(...blocks.splice(0)) };
  }
}
