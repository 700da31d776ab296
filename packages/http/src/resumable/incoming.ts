import type { TakenMemory } from './memory-budget.ts';

/** The bytes that a request brings. */
export interface UploadBody extends AsyncIterable<Uint8Array> {
  /** Nobody wants the rest. What waits for a chunk ends. */
  cancel(): Promise<void>;
}

/** A body that is over before it begins. */
export const NO_BODY: UploadBody = {
  async *[Symbol.asyncIterator]() {},
  async cancel() {},
};

/**
 * What a request brings, gathered until it is enough for a part. A body that breaks ends there: what came before is as good as any
 * other bytes. Why it broke is told afterwards.
 */
export class Incoming {
  readonly #chunks: Uint8Array<ArrayBuffer>[] = [];
  readonly #body: UploadBody;
  readonly #iterator: AsyncIterator<Uint8Array>;
  readonly #onChunk: (chunk: Uint8Array) => void;
  #heldBytes = 0;
  #isOver = false;
  #error: unknown;

  /** @param tail what was kept of an earlier request: it comes first, and `onChunk` is not told of it. */
  constructor(body: UploadBody, tail: Uint8Array<ArrayBuffer>, onChunk: (chunk: Uint8Array) => void) {
    this.#body = body;
    this.#iterator = body[Symbol.asyncIterator]();
    this.#onChunk = onChunk;
    if (tail.byteLength > 0) this.#add(tail);
  }

  /** Gathered, and not taken yet. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Nothing more comes. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Why it is over before its end; undefined where it is not. */
  get error(): unknown {
    return this.#error;
  }

  stop(): void {
    void this.#body.cancel();
  }

  /** Nothing of it is wanted any more: what it has opened is closed. */
  end(): void {
    this.stop();
    Promise.resolve(this.#iterator.return?.()).catch(() => {}); // whoever reads has been told already
  }

  /** Gathers until there are so many bytes, or nothing more comes. */
  async gather(leastBytes: number): Promise<void> {
    while (this.#heldBytes < leastBytes && !this.#isOver) await this.#next();
  }

  /**
   * Fills memory that is used again and again: chunks that are kept until there are enough for a part outlive the cheap collections
   * (see `ChunkGarbage`).
   *
   * @returns how much of it is filled. Less than all: nothing more comes.
   */
  async gatherInto(memory: TakenMemory): Promise<number> {
    const { bytes } = memory;
    let filled = 0;
    while (filled < bytes.byteLength) {
      if (this.#heldBytes === 0) await memory.waitFor(this.gather(1));
      const chunk = this.#shift(bytes.byteLength - filled);
      if (!chunk) break;
      bytes.set(chunk, filled);
      filled += chunk.byteLength;
    }
    return filled;
  }

  /** What was taken and is too little. */
  giveBack(chunk: Uint8Array<ArrayBuffer>): void {
    if (chunk.byteLength === 0) return;
    this.#chunks.unshift(chunk);
    this.#heldBytes += chunk.byteLength;
  }

  /** All that is gathered, in one piece. */
  takeGathered(): Uint8Array<ArrayBuffer> {
    const whole = new Uint8Array(this.#heldBytes);
    for (let offset = 0; offset < whole.byteLength; ) {
      const chunk = this.#shift(whole.byteLength - offset);
      if (!chunk) break;
      whole.set(chunk, offset);
      offset += chunk.byteLength;
    }
    return whole;
  }

  /** Up to so many bytes as they come, until `isEnough` says so between two chunks. */
  async *take(
    mostBytes: number,
    isEnough: () => boolean,
  ): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    for (let left = mostBytes; left > 0; ) {
      if (this.#heldBytes === 0) {
        if (isEnough()) return;
        await this.gather(1);
      }
      const chunk = this.#shift(left);
      if (!chunk) return;
      left -= chunk.byteLength;
      yield chunk;
    }
  }

  async #next(): Promise<void> {
    try {
      const { value, done } = await this.#iterator.next();
      if (done) this.#isOver = true;
      else {
        this.#onChunk(value);
        this.#add(value as Uint8Array<ArrayBuffer>);
      }
    } catch (error) {
      this.#isOver = true;
      this.#error = error;
    }
  }

  #add(chunk: Uint8Array<ArrayBuffer>): void {
    this.#chunks.push(chunk);
    this.#heldBytes += chunk.byteLength;
  }

  /** Of the first chunk up to so many bytes. */
  #shift(mostBytes: number): Uint8Array<ArrayBuffer> | undefined {
    const chunk = this.#chunks.shift();
    if (!chunk) return undefined;
    const taken = chunk.subarray(0, mostBytes);
    if (taken.byteLength < chunk.byteLength) this.#chunks.unshift(chunk.subarray(mostBytes));
    this.#heldBytes -= taken.byteLength;
    return taken;
  }
}
