/** Bytes to store, as a backend sees them. `toSource` makes one of everything a caller may pass. */
export interface Source {
  /** Absent: not known before the end. */
  readonly sizeBytes?: number;
  /** True: `open()` may be called again (memory, Blob, path). False: a one-shot stream. */
  readonly replayable: boolean;
  /**
   * The bytes, in chunks of any size but never empty ones. Ending the iteration early releases the underlying stream;
   * an aborted `signal` ends it with the error `aborted`, also while a chunk is awaited.
   * @throws `content-consumed` on a second call when not replayable.
   */
  open(signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /**
   * What `open` would give, in memory of the caller: asked for instead of it by who gathers bytes anyway. Copies what comes next to
   * the beginning of `memory`, at least one byte. Only for what is not replayable. It ends for no signal: who has one opens the
   * source. Who wraps a source leaves it out, or does the same to these bytes.
   *
   * @returns how much. 0: that was all.
   */
  readInto?(memory: Uint8Array): Promise<number>;
  /** Lets go of what it holds: called where it will not be opened, since something was refused. */
  release?(): void;
  /**
   * Told by a backend that has read all of it and keeps the chunks in memory: from then on it may be opened again, so that
   * a write that fails can be repeated.
   */
  hold?(chunks: readonly Uint8Array[]): void;
  /** All of it, where it is in memory: cheaper than `open` for what is small. */
  readonly bytes?: Uint8Array;
  /** A file of this machine, so that a backend may clone, copy in the kernel or (with `consume`) rename it. */
  readonly local?: { readonly path: string; readonly consume: boolean };
}
