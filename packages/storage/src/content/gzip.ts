import { heldChunks } from './held-chunks.ts';
import type { Source } from './source.ts';

/** A source whose bytes are compressed on their way, in constant memory; how many there will be is not known. */
export function gzipped(source: Source): Source {
  let held: readonly Uint8Array[] | undefined;
  return {
    replayable: source.replayable,
    hold(chunks) {
      held = chunks;
      source.hold?.([]); // which is not read from again
    },
    open: signal =>
      held
        ? heldChunks(held, signal, 'gzip')
        : through(source.open(signal), new CompressionStream('gzip'), error => error),
  };
}

/**
 * The bytes that were compressed.
 *
 * @param explain makes an error of what `chunks` turn out not to be; errors of `chunks` itself pass as they are.
 */
export function gunzipped(
  chunks: AsyncIterable<Uint8Array>,
  explain: (cause: unknown) => unknown,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  return through(chunks, new DecompressionStream('gzip'), explain);
}

/** Not `pipeThrough`: that needs a stream to begin with, and not every runtime hands on an error as it was thrown. */
async function* through(
  chunks: AsyncIterable<Uint8Array>,
  { readable, writable }: CompressionStream | DecompressionStream,
  explain: (cause: unknown) => unknown,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const iterator = chunks[Symbol.asyncIterator]();
  const writer = writable.getWriter();
  const reader = readable.getReader();
  let failure: { readonly error: unknown } | undefined;
  const feed = async (): Promise<void> => {
    for (;;) {
      const { done, value } = await iterator.next().catch(error => {
        failure = { error };
        throw error;
      });
      if (done) return writer.close();
      await writer.write(value as Uint8Array<ArrayBuffer>);
    }
  };
  // Whatever it fails with, the reader is told.
  feed()
    .catch(error => writer.abort(error))
    .catch(() => {});
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch (error) {
    throw failure ? failure.error : explain(error);
  } finally {
    // Not awaited: an iterator that waits for its next chunk answers after that.
    reader.cancel().catch(() => {});
    iterator.return?.()?.catch(() => {});
  }
}
