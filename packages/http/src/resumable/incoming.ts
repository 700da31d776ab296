import type { Source } from '@fieldfile/storage';
import type { TakenMemory } from './memory-budget.ts';

/** The bytes that a request brings. */
export interface UploadBody extends AsyncIterable<Uint8Array> {
  /** As `Source.readInto`, where that costs less than chunks. */
  readInto?(memory: Uint8Array): Promise<number>;
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
  readonly #onChunk: ((chunk: Uint8Array) => void) | undefined;
  #heldBytes = 0;
  #isOver = false;
  #error: unknown;

  /** @param tail what was kept of an earlier request: it comes first, and `onChunk` is not told of it. */
  constructor(body: UploadBody, tail: Uint8Array<ArrayBuffer>, onChunk?: (chunk: Uint8Array) => void) {
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
      const copied = await memory.waitFor(this.#copyInto(bytes.subarray(filled)));
      if (copied === 0) break;
      filled += copied;
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
  take(mostBytes: number, isEnough: () => boolean): Source {
    let left = mostBytes;
    const isOver = (): boolean => left === 0 || (this.#heldBytes === 0 && isEnough());
    const next = async (): Promise<Uint8Array<ArrayBuffer> | undefined> => {
      if (isOver()) return undefined;
      await this.gather(1);
      const chunk = this.#shift(left);
      left -= chunk?.byteLength ?? 0;
      return chunk;
    };
    return {
      replayable: false,
      async *open() {
        for (let chunk = await next(); chunk; chunk = await next()) yield chunk;
      },
      readInto: async memory => {
        if (isOver()) return 0;
        const copied = await this.#copyInto(memory.subarray(0, left));
        left -= copied;
        return copied;
      },
    };
  }

  /** @returns how much was copied; 0: nothing more comes. */
  async #copyInto(memory: Uint8Array): Promise<number> {
    const { readInto } = this.#body;
    if (this.#heldBytes > 0 || !readInto) {
      await this.gather(1);
      const chunk = this.#shift(memory.byteLength);
      if (chunk) memory.set(chunk);
      return chunk?.byteLength ?? 0;
    }
    if (this.#isOver) return 0;
    const copied = await this.#unlessBroken(() => readInto.call(this.#body, memory));
    if (copied) this.#onChunk?.(memory.subarray(0, copied));
    else this.#isOver = true;
    return copied ?? 0;
  }

  async #next(): Promise<void> {
    const next = await this.#unlessBroken(() => this.#iterator.next());
    if (!next || next.done) this.#isOver = true;
    else {
      this.#onChunk?.(next.value);
      this.#add(next.value as Uint8Array<ArrayBuffer>);
    }
  }

  /** Why it broke is told later. */
  async #unlessBroken<T>(read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      this.#error = error;
      return undefined;
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
