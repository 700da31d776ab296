/** Kept for what comes next, unless it is more than all may take. */
const MOST_SPARE = 2;

/** Who has waited for a client so many times as long in all is slow as well, however often that has sent a byte. */
const MOST_WAITS = 10;

export interface BudgetOptions {
  /** Of all that is taken at a time. What is larger than this waits until it is alone. */
  readonly allBytes: number;
  /**
   * Who waits longer for a client does not count any more, nor who has waited ten times as long in all: a few slow clients would
   * stop all others.
   */
  readonly slowMs: number;
}

/** Memory that was taken. Dispose of it. */
export interface TakenMemory extends Disposable {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Says that a client is waited for, until it sends. */
  waitFor<T>(client: Promise<T>): Promise<T>;
}

/**
 * Memory for what comes in, shared by all who ask: whoever comes when there is none left waits, in the order of asking, and reads
 * nothing meanwhile. So more clients need no more memory together.
 */
export class MemoryBudget {
  readonly #allBytes: number;
  readonly #slowMs: number;
  readonly #counted = new Set<Taken>();
  readonly #queue: Asked[] = [];
  readonly #spare: Uint8Array<ArrayBuffer>[] = [];
  #watch: ReturnType<typeof setInterval> | undefined;

  constructor({ allBytes, slowMs }: BudgetOptions) {
    this.#allBytes = allBytes;
    this.#slowMs = slowMs;
  }

  /** @returns undefined where the signal is aborted before there is any. */
  async take(sizeBytes: number, signal: AbortSignal): Promise<TakenMemory | undefined> {
    if (signal.aborted) return undefined;
    if (this.#queue.length === 0 && this.#fits(sizeBytes)) return this.#taken(sizeBytes);
    const { promise, resolve, reject } = Promise.withResolvers<TakenMemory | undefined>();
    const admit = (): void => {
      try {
        resolve(this.#taken(sizeBytes));
      } catch (error) {
        reject(error); // not of whoever gave memory back
      }
    };
    const asked = { sizeBytes, admit };
    const leave = (): void => {
      const index = this.#queue.indexOf(asked);
      if (index >= 0) this.#queue.splice(index, 1);
      resolve(undefined);
      this.#admit(); // a smaller one may have stood behind it
    };
    this.#queue.push(asked);
    signal.addEventListener('abort', leave);
    this.#admit();
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  #fits(sizeBytes: number): boolean {
    const taken = bytesOf([...this.#counted].map(({ bytes }) => bytes));
    return taken === 0 || taken + sizeBytes <= this.#allBytes;
  }

  #taken(sizeBytes: number): TakenMemory {
    const index = this.#spare.findIndex(({ byteLength }) => byteLength === sizeBytes);
    const [spare] = index < 0 ? [] : this.#spare.splice(index, 1);
    const taken = new Taken(spare ?? new Uint8Array(sizeBytes), () => this.#release(taken));
    this.#counted.add(taken);
    return taken;
  }

  #release(taken: Taken): void {
    this.#counted.delete(taken);
    this.#spare.push(taken.bytes);
    while (this.#spare.length > MOST_SPARE || bytesOf(this.#spare) > this.#allBytes)
      this.#spare.shift()?.buffer.transfer?.(0); // it would wait for a collection
    this.#admit();
  }

  #admit(): void {
    for (let first = this.#queue[0]; first && this.#fits(first.sizeBytes); first = this.#queue[0]) {
      this.#queue.shift();
      first.admit();
    }
    if (this.#queue.length > 0) this.#watch ??= setInterval(() => this.#passOver(), this.#slowMs / 4);
    else {
      clearInterval(this.#watch);
      this.#watch = undefined;
    }
  }

  #passOver(): void {
    for (const taken of this.#counted) if (taken.isSlow(this.#slowMs)) this.#counted.delete(taken);
    this.#admit();
  }
}

const bytesOf = (pieces: readonly Uint8Array[]): number =>
  pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);

interface Asked {
  readonly sizeBytes: number;
  readonly admit: () => void;
}

class Taken implements TakenMemory {
  readonly bytes: Uint8Array<ArrayBuffer>;
  #waitsSince: number | undefined;
  /** Before this wait. */
  #waitedMs = 0;
  #release: (() => void) | undefined;

  constructor(bytes: Uint8Array<ArrayBuffer>, release: () => void) {
    this.bytes = bytes;
    this.#release = release;
  }

  /** Whether it is a slow client for which it is held. */
  isSlow(slowMs: number): boolean {
    const waitMs = this.#waitMs;
    return waitMs > 0 && (waitMs >= slowMs || this.#waitedMs + waitMs >= MOST_WAITS * slowMs);
  }

  async waitFor<T>(client: Promise<T>): Promise<T> {
    this.#waitsSince = performance.now();
    try {
      return await client;
    } finally {
      this.#waitedMs += this.#waitMs;
      this.#waitsSince = undefined;
    }
  }

  get #waitMs(): number {
    return this.#waitsSince === undefined ? 0 : performance.now() - this.#waitsSince;
  }

  [Symbol.dispose](): void {
    const release = this.#release;
    this.#release = undefined;
    release?.();
  }
}
