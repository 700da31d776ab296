import { FieldFileError } from '../errors/field-file-error.ts';
import { abortedError, throwIfAborted } from '../storage/abort.ts';
import { describe, type SourceContext, where } from './source-context.ts';

/** What yields bytes, or text that is stored as UTF-8. */
export type Chunks = AsyncIterable<unknown> | Iterable<unknown>;

/**
 * Iterates with an abort that also ends a pending read. One listener for the whole iteration, and the source is told
 * to stop when it is left early. What the source throws passes as it is.
 *
 * @throws `aborted`; `invalid-argument` for a chunk that is no bytes.
 */
export async function* readAll(
  chunks: Chunks,
  signal: AbortSignal | undefined,
  context: SourceContext,
): AsyncGenerator<Uint8Array, void, undefined> {
  throwIfAborted(signal, context.operation);
  const isAsync = Symbol.asyncIterator in chunks;
  const iterator = isAsync ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]();
  // Not Promise.race against one long-lived promise: that would keep a reaction per chunk until the end.
  let failPending: ((error: FieldFileError) => void) | undefined;
  const onAbort = signal && (() => failPending?.(abortedError(signal, context.operation)));
  if (onAbort) signal.addEventListener('abort', onAbort, { once: true });
  let ended = false;
  try {
    for (;;) {
      throwIfAborted(signal, context.operation);
      ended = true; // an iterator that throws is over
      const next = iterator.next();
      const result = await (signal && isAsync
        ? new Promise<IteratorResult<unknown>>((resolve, reject) => {
            failPending = error => {
              ended = false;
              reject(error);
            };
            (next as Promise<IteratorResult<unknown>>).then(resolve, reject);
          })
        : next);
      if (result.done) return;
      ended = false;
      const chunk = toBytes(result.value, context);
      if (chunk.byteLength > 0) yield chunk;
    }
  } finally {
    if (onAbort) signal.removeEventListener('abort', onAbort);
    if (!ended) stop(iterator);
  }
}

/** Nothing is awaited: an iterator that hangs in `next` answers `return` after that. */
function stop(iterator: AsyncIterator<unknown> | Iterator<unknown>): void {
  (async () => iterator.return?.())().catch(() => {}); // why the iteration was left is what the caller is told
}

/** A web stream as an iterable whose `return` cancels, also while a read is pending (the platform's own waits). */
export function streamChunks(stream: ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const reader = stream.getReader();
      return {
        async next() {
          const { done, value } = await reader.read();
          if (!done) return { done, value };
          reader.releaseLock();
          return { done: true, value: undefined };
        },
        async return() {
          await reader.cancel();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

function toBytes(chunk: unknown, context: SourceContext): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (typeof chunk === 'string') return new TextEncoder().encode(chunk);
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  if (isArrayBuffer(chunk)) return new Uint8Array(chunk);
  throw new FieldFileError(
    'invalid-argument',
    `A stream of content must yield bytes, not ${describe(chunk)}${where(context)}.`,
    context,
  );
}

/** Also one of another realm, as test runners make them. */
export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return Object.prototype.toString.call(value) === '[object ArrayBuffer]';
}
