/** Does something when what is waited for takes too long. While it is stopped nothing happens: then the caller is slow. */
export class Watch implements Disposable {
  readonly #limitMs: number;
  readonly #expired: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isWaiting = false;

  constructor(limitMs: number, expired: () => void) {
    this.#limitMs = limitMs;
    this.#expired = expired;
  }

  /** Begins to wait, or begins anew. */
  start(): void {
    this.#isWaiting = true;
    if (this.#timer) this.#timer.refresh();
    else this.#timer = setTimeout(() => this.#isWaiting && this.#expired(), this.#limitMs);
  }

  stop(): void {
    this.#isWaiting = false;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
