/**
 * Shifts that make numbers of 1 KiB: memory without pointers, which a collection under way does not take for alive. Two,
 * in turns: one and the same result would be computed once and for all.
 */
const SHIFTS = [8191n, 8190n] as const;
/** Half of what one takes: the young generation is full when half of its size has passed by in chunks. */
const PASSED_BYTES_A_NUMBER = 512;

/**
 * Has chunks that have passed by collected soon and cheaply.
 *
 * Their bytes lie outside V8's heap, where only some 64 MiB of them make it collect, and then all of the heap: so a
 * download of 2 GiB grew by 118 MiB and spent half its CPU on collecting, as the providers' SDKs do. Garbage inside the
 * heap fills the young generation at the pace of the bytes, and the collection of that alone, tenths of a millisecond,
 * takes the chunks along.
 */
export function paceCollection(passedBytes: number): void {
  const numbers = passedBytes / PASSED_BYTES_A_NUMBER;
  // Compared, or it would be optimised away.
  for (let index = 0; index < numbers; index++) if (1n << (SHIFTS[index & 1] ?? 0n) === 0n) return;
}

/** {@link paceCollection} where chunks may be views of one buffer, which leave nothing behind. */
export class ChunkGarbage {
  #buffer: ArrayBufferLike | undefined;

  passed({ buffer, byteLength }: Uint8Array): void {
    if (buffer !== this.#buffer) paceCollection(byteLength);
    this.#buffer = buffer;
  }
}
