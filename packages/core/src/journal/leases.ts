/** What renews the leases of entries whose work is under way: by id, in one call for all of them. */
export class Leases {
  readonly #renew: (ids: readonly string[]) => Promise<void>;
  readonly #everyMs: number;
  readonly #ids = new Set<string>();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(renew: (ids: readonly string[]) => Promise<void>, everyMs: number) {
    this.#renew = renew;
    this.#everyMs = everyMs;
  }

  add(id: string): void {
    this.#ids.add(id);
    if (this.#timer) return;
    this.#timer = setInterval(() => void this.#renew([...this.#ids]), this.#everyMs);
    // A process may end while something is staged: recovery knows what to do.
    (this.#timer as { unref?(): void }).unref?.();
  }

  delete(id: string): void {
    this.#ids.delete(id);
    if (this.#ids.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
