/** Samples this process's resident set: the system keeps the highest of a process only, not of a part of its life. */
export class PeakRss implements Disposable {
  #bytes = process.memoryUsage.rss();
  readonly #timer: ReturnType<typeof setInterval>;

  constructor() {
    this.#timer = setInterval(() => this.#sample(), 20);
    this.#timer.unref();
  }

  get bytes(): number {
    this.#sample();
    return this.#bytes;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #sample(): void {
    this.#bytes = Math.max(this.#bytes, process.memoryUsage.rss());
  }
}
