/**
 * Ends everything that belongs to one upload: when the caller's signal fires, when a part of it fails, or when it is
 * over. The first failure is the one to tell; what ends because of it is not.
 */
export class Stop implements Disposable {
  readonly #controller = new AbortController();
  readonly #given: AbortSignal | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(signal: AbortSignal | undefined) {
    this.#given = signal;
    if (signal?.aborted) this.#follow();
    else signal?.addEventListener('abort', this.#follow, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get failed(): boolean {
    return this.#failure !== undefined;
  }

  readonly fail = (error: unknown): void => {
    this.#failure ??= { error };
    this.#controller.abort(error);
  };

  /** The failure to tell, when something ended with `error`. */
  cause(error: unknown): unknown {
    return this.#failure ? this.#failure.error : error;
  }

  [Symbol.dispose](): void {
    this.#given?.removeEventListener('abort', this.#follow);
    this.#controller.abort(OVER);
  }

  readonly #follow = (): void => this.#controller.abort(this.#given?.reason);
}

/** A reason at hand: the default one is an error, whose stack costs more than the rest of a small upload. */
const OVER = 'The upload is over.';
