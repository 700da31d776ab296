/** Beyond this, larger calls of the system gain nothing (measured). */
const MOST_BYTES = 1024 * 1024;

/** One chunk of a connection. With less, each would be a call of its own. */
const LEAST_BYTES = 64 * 1024;

/** Of all contents that come in at a time, as long as they are not more than fit into it with the least. */
const ALL_BYTES = 16 * 1024 * 1024;

/** What is kept for the next content that comes in. */
const MOST_SPARE = 4;

let contents = 0;
const spare: Uint8Array<ArrayBuffer>[] = [];

/**
 * Gathers chunks of one content for calls of the system. It has two pieces of memory, in turns: one is filled while the other is
 * written. All contents of a process share: the more come in at a time, the smaller are the pieces.
 *
 * Chunks are copied. Those that wait until there are enough of them outlive the cheap collections, and then stay for long (see
 * `ChunkGarbage`); copying costs little beside reading and writing them (measured).
 */
export class Batch {
  /** What is being filled. */
  #piece: Uint8Array<ArrayBuffer> | undefined;
  #filledBytes = 0;
  /** What was taken last, and what before that. */
  #taken: Uint8Array<ArrayBuffer> | undefined;
  #free: Uint8Array<ArrayBuffer> | undefined;

  constructor() {
    contents += 1;
  }

  get roomBytes(): number {
    return (this.#piece?.byteLength ?? shareOf(contents)) - this.#filledBytes;
  }

  /** Copies a chunk for which there is room. */
  add(chunk: Uint8Array): void {
    this.#piece ??= this.#next(shareOf(contents));
    this.#piece.set(chunk, this.#filledBytes);
    this.#filledBytes += chunk.byteLength;
  }

  /** Has what comes next copied. @returns how much; 0 at the end. */
  async fill(copy: (memory: Uint8Array) => Promise<number> | undefined): Promise<number> {
    this.#piece ??= this.#next(shareOf(contents));
    const copied = (await copy(this.#piece.subarray(this.#filledBytes))) ?? 0;
    this.#filledBytes += copied;
    return copied;
  }

  /** What was gathered. It is overwritten after the next call, so that one may be under way. */
  take(): Uint8Array {
    const piece = this.#piece;
    if (!piece || this.#filledBytes === 0) return EMPTY;
    const gathered = piece.subarray(0, this.#filledBytes);
    [this.#piece, this.#taken, this.#free] = [undefined, piece, this.#taken];
    this.#filledBytes = 0;
    return gathered;
  }

  /** Nothing is written any more. */
  end(): void {
    contents -= 1;
    for (const piece of [this.#piece, this.#taken, this.#free]) if (piece) giveBack(piece);
    this.#piece = this.#taken = this.#free = undefined;
  }

  #next(bytes: number): Uint8Array<ArrayBuffer> {
    const free = this.#free;
    this.#free = undefined;
    if (free?.byteLength === bytes) return free;
    if (free) giveBack(free);
    return takeSpare(bytes) ?? new Uint8Array(bytes);
  }
}

const EMPTY = new Uint8Array();

/** A power of two, so that pieces fit again. */
function shareOf(all: number): number {
  let bytes = MOST_BYTES;
  while (bytes > LEAST_BYTES && 2 * bytes * all > ALL_BYTES) bytes /= 2;
  return bytes;
}

function takeSpare(bytes: number): Uint8Array<ArrayBuffer> | undefined {
  const index = spare.findIndex(({ byteLength }) => byteLength === bytes);
  return index < 0 ? undefined : spare.splice(index, 1)[0];
}

/** Left to a collection, what is not kept would stay for long: the engine does not know how much memory it is. */
function giveBack(piece: Uint8Array<ArrayBuffer>): void {
  spare.push(piece);
  if (spare.length > MOST_SPARE) spare.shift()?.buffer.transfer?.(0);
}
