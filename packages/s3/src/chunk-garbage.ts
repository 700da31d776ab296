/** A number that takes 1 KiB: memory without pointers, which a collection under way does not take for alive. */
const GARBAGE_BITS = 8191n;
/** Half of what one takes: the young generation is full when half of its size has passed by in chunks. */
const PASSED_BYTES_A_NUMBER = 512;

/**
 * Has chunks that have passed by collected soon and cheaply.
 *
 * Their bytes lie outside V8's heap, where only some 64 MiB of them make it collect, and then all of the heap: so a
 * download of 2 GiB grew by 118 MiB and spent half its CPU on collecting, as the bare SDK's does. Garbage inside the
 * heap fills the young generation at the pace of the bytes, and the collection of that alone, tenths of a millisecond,
 * takes the chunks along.
 */
export function paceCollection(passedBytes: number): void {
  for (let bytes = 0; bytes < passedBytes; bytes += PASSED_BYTES_A_NUMBER)
    // Compared, or it would be optimised away.
    if (1n << GARBAGE_BITS === 0n) break;
}

/** What requests leave survives collections that come too often, and that makes the young generation grow. */
const UPLOAD_SHARE = 1 / 2;

/** {@link paceCollection} for uploads, where chunks may be views of one buffer and leave nothing behind. */
export class ChunkGarbage {
  #buffer: ArrayBufferLike | undefined;

  passed({ buffer, byteLength }: Uint8Array): void {
    if (buffer !== this.#buffer) paceCollection(byteLength * UPLOAD_SHARE);
    this.#buffer = buffer;
  }
}
