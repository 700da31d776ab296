import { setImmediate as turn } from 'node:timers/promises';

/**
 * Counts how many of the objects it was shown are still in memory.
 *
 * By a FinalizationRegistry, which unlike a WeakRef per object does not itself keep the objects until the job ends.
 */
export class LiveObjects {
  #shown = 0;
  #collected = 0;
  readonly #registry = new FinalizationRegistry<undefined>(() => this.#collected++);

  watch<T extends object>(object: T): T {
    this.#shown++;
    this.#registry.register(object, undefined);
    return object;
  }

  /** After turns of the event loop and collections; waits until nothing more goes, since finalisers come late. */
  async count(): Promise<number> {
    for (let quiet = 0; quiet < 3 && this.#collected < this.#shown; ) {
      const before = this.#collected;
      await turn();
      globalThis.gc?.();
      await turn();
      quiet = this.#collected === before ? quiet + 1 : 0;
    }
    return this.#shown - this.#collected;
  }
}
