import type { Progress } from './progress.ts';

/** What is told of an upload while it runs, and how it is held up and ended from outside. */
export class Control {
  readonly #signal: AbortSignal | undefined;
  readonly #onProgress: ((progress: Progress) => void) | undefined;
  readonly #totalBytes: number;
  /** Bytes in flight, of each request. */
  readonly #sent = new Map<object, number>();
  #confirmedBytes = 0;
  #requests = new AbortController();
  #resumed: PromiseWithResolvers<void> | undefined;

  constructor(totalBytes: number, signal?: AbortSignal, onProgress?: (progress: Progress) => void) {
    this.#totalBytes = totalBytes;
    this.#signal = signal;
    this.#onProgress = onProgress;
    signal?.addEventListener('abort', this.#abort);
  }

  /** Of requests: they end when the upload is paused or aborted. */
  get signal(): AbortSignal {
    return this.#requests.signal;
  }

  get confirmedBytes(): number {
    return this.#confirmedBytes;
  }

  get isAborted(): boolean {
    return this.#signal?.aborted ?? false;
  }

  /** @throws what the caller aborted with. */
  throwIfAborted(): void {
    this.#signal?.throwIfAborted();
  }

  /** Waits while it is paused. @throws what the caller aborted with. */
  async running(): Promise<void> {
    this.throwIfAborted();
    await this.#resumed?.promise;
    this.throwIfAborted();
  }

  pause(): void {
    if (this.#resumed) return;
    this.#resumed = Promise.withResolvers();
    this.#requests.abort();
    this.#sent.clear();
  }

  resume(): void {
    if (!this.#resumed) return;
    if (!this.#signal?.aborted) this.#requests = new AbortController();
    this.#resumed.resolve();
    this.#resumed = undefined;
  }

  /** The server is known to have so many bytes in all. */
  confirm(bytes: number): void {
    this.#confirmedBytes = bytes;
    this.#tell();
  }

  /** `request` has sent so many bytes that are not confirmed; 0 when it is over. */
  sending(request: object, bytes: number): void {
    if (bytes === 0) this.#sent.delete(request);
    else this.#sent.set(request, bytes);
    if (bytes > 0) this.#tell();
  }

  end(): void {
    this.#signal?.removeEventListener('abort', this.#abort);
  }

  readonly #abort = (): void => {
    this.#requests.abort(this.#signal?.reason);
    this.#resumed?.resolve();
  };

  #tell(): void {
    const inFlight = [...this.#sent.values()].reduce((sum, bytes) => sum + bytes, 0);
    const progress = {
      sentBytes: Math.min(this.#totalBytes, this.#confirmedBytes + inFlight),
      confirmedBytes: this.#confirmedBytes,
      totalBytes: this.#totalBytes,
    };
    try {
      this.#onProgress?.(progress);
    } catch (error) {
      // It is the caller's, and no fault of the upload.
      setTimeout(() => {
        throw error;
      });
    }
  }
}
