/** What V8 still makes in the young part of its heap, without making that part grow. */
const PIECE_BYTES = 4096;
const PIECE_ELEMENTS = PIECE_BYTES / 8;

/** What nobody reads: the compiler might leave out an allocation without a use. */
const latest: { piece?: unknown } = {};

/**
 * Has chunks that have passed by collected soon and cheaply.
 *
 * Their bytes lie outside V8's heap, where only some 64 MiB of them start a collection, which is of the whole heap and
 * lags behind what goes on arriving. As much garbage inside the heap fills its young part at the pace of the bytes; the
 * collection of that part alone takes the chunks along. It makes that part grow by some 32 MiB: worth it where chunks
 * flow through, and not beside an upload in blocks, which has its own memory.
 */
export function paceCollection(passedBytes: number): void {
  for (let bytes = 0; bytes < passedBytes; bytes += PIECE_BYTES) latest.piece = new Array(PIECE_ELEMENTS);
}
