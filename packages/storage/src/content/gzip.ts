import { heldChunks } from './held-chunks.ts';
import type { Source } from './source.ts';

type Chunk = Uint8Array<ArrayBuffer>;

/** Something that takes bytes and gives others. */
interface Transformation {
  /** Settles when the bytes were taken, so that no more are read than are asked for. */
  write(chunk: Uint8Array): Promise<unknown>;
  end(): Promise<unknown>;
  readonly output: AsyncIterator<Uint8Array>;
  /** Ends the output with this error. */
  fail(error: unknown): void;
  /** Nobody wants the rest. */
  close(): void;
}

/** Bytes that node:zlib gives at a time: with its default of 16 KiB it takes more turns of the thread pool. */
const CHUNK_BYTES = 65_536;

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
        : through(source.open(signal), byWeb(new CompressionStream('gzip')), error => error),
  };
}

/**
 * The bytes that were compressed, read as zlib reads them: of several members one after another, and none of nothing.
 * A runtime without `node:zlib` refuses what comes after the first member, as the Compression Standard says.
 *
 * @param explain makes an error of what `chunks` turn out not to be; errors of `chunks` itself pass as they are.
 */
export async function* gunzipped(
  chunks: AsyncIterable<Uint8Array>,
  explain: (cause: unknown) => unknown,
): AsyncGenerator<Chunk, void, undefined> {
  const rest = await begun(chunks);
  if (!rest) return;
  const zlib = globalThis.process?.getBuiltinModule?.('node:zlib');
  const gunzip = zlib?.createGunzip
    ? byNode(zlib.createGunzip({ chunkSize: CHUNK_BYTES }))
    : byWeb(new DecompressionStream('gzip'));
  yield* through(rest, gunzip, explain);
}

/** The chunks, of which there is one with a byte; undefined where there is none. */
async function begun(chunks: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array> | undefined> {
  const iterator = chunks[Symbol.asyncIterator]();
  let first = await iterator.next();
  while (!first.done && first.value.byteLength === 0) first = await iterator.next();
  if (first.done) return undefined;
  let unread: typeof first | undefined = first;
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        const next = unread ?? iterator.next();
        unread = undefined;
        return next;
      },
      async return() {
        await iterator.return?.();
        return { done: true, value: undefined };
      },
    }),
  };
}

async function* through(
  chunks: AsyncIterable<Uint8Array>,
  transformation: Transformation,
  explain: (cause: unknown) => unknown,
): AsyncGenerator<Chunk, void, undefined> {
  const iterator = chunks[Symbol.asyncIterator]();
  let failure: { readonly error: unknown } | undefined;
  const feed = async (): Promise<unknown> => {
    for (;;) {
      const { done, value } = await iterator.next().catch(error => {
        failure = { error };
        throw error;
      });
      if (done) return transformation.end();
      await transformation.write(value);
    }
  };
  // Whatever it fails with, the reader is told.
  feed().catch(error => transformation.fail(error));
  try {
    for (;;) {
      const { done, value } = await transformation.output.next();
      if (done) return;
      yield new Uint8Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength);
    }
  } catch (error) {
    throw failure ? failure.error : explain(error);
  } finally {
    transformation.close();
    // Not awaited: an iterator that waits for its next chunk answers after that.
    iterator.return?.()?.catch(() => {});
  }
}

/** Not `pipeThrough`: that needs a stream to begin with, and not every runtime hands on an error as it was thrown. */
function byWeb({ readable, writable }: CompressionStream | DecompressionStream): Transformation {
  const writer = writable.getWriter();
  const reader = readable.getReader();
  return {
    write: chunk => writer.write(chunk as Chunk),
    end: () => writer.close(),
    output: { next: () => reader.read() as Promise<IteratorResult<Uint8Array>> },
    fail: error => void writer.abort(error).catch(() => {}),
    close: () => void reader.cancel().catch(() => {}),
  };
}

/** What is used here of a stream of node:zlib. */
interface NodeTransform extends AsyncIterable<Uint8Array> {
  write(chunk: Uint8Array, callback: (error?: Error | null) => void): unknown;
  end(): unknown;
  destroy(error?: Error): unknown;
}

function byNode(transform: NodeTransform): Transformation {
  return {
    write: chunk =>
      new Promise<void>((resolve, reject) =>
        transform.write(chunk, error => (error ? reject(error) : resolve())),
      ),
    end: async () => transform.end(),
    output: transform[Symbol.asyncIterator](),
    fail: error => void transform.destroy(error instanceof Error ? error : new Error(String(error))),
    close: () => void transform.destroy(),
  };
}
