import { throwIfAborted } from '../storage/abort.ts';

/** Content of which a backend still has every chunk, once more. */
export async function* heldChunks(
  chunks: readonly Uint8Array[],
  signal: AbortSignal | undefined,
  operation: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (const chunk of chunks) {
    throwIfAborted(signal, operation);
    yield chunk;
  }
}
