import { FieldFileError } from '../errors/field-file-error.ts';
import { abortedError, throwIfAborted } from '../storage/abort.ts';
import type { Bytes } from './content.ts';
import { isLocalFile, type LocalFile } from './local-file.ts';
import type { Source } from './source.ts';

/** What `toSource` says in its errors. */
export interface SourceContext {
  readonly operation: string;
  readonly storage?: string;
  readonly name?: string;
  readonly field?: string;
}

/** Chunk size in which memory is handed out: large enough to be cheap, small enough to report progress. */
const SLICE_BYTES = 1024 * 1024;

/**
 * Turns content into a {@link Source}.
 *
 * @throws `content-consumed` for a locked, read or destroyed stream and for a used body; `invalid-argument` for anything
 * that is no content. Both before a byte is read.
 */
export function toSource(content: Bytes, context: SourceContext): Source {
  if (typeof content === 'string') return bytesSource(new TextEncoder().encode(content));
  if (ArrayBuffer.isView(content))
    return bytesSource(new Uint8Array(content.buffer, content.byteOffset, content.byteLength));
  if (content instanceof ArrayBuffer) return bytesSource(new Uint8Array(content));
  if (isBlob(content)) return blobSource(content);
  if (isLocalFile(content)) return localSource(content);
  if (isSource(content)) return content;
  refuseConsumed(content, context);
  if (isReadableStream(content)) return iterableSource(readStream(content), context);
  if (isIterable(content)) return iterableSource(content, context);
  throw new FieldFileError(
    'invalid-argument',
    `${describe(content)} is no content${where(context)}: pass text, bytes, a Blob, a stream or an iterable of bytes` +
      `${looksLikePath(content) ? '; to read a file of this machine, use fromPath() of "@fieldfile/core/node"' : ''}.`,
    context,
  );
}

function bytesSource(bytes: Uint8Array): Source {
  return {
    sizeBytes: bytes.byteLength,
    replayable: true,
    async *open(signal) {
      for (let start = 0; start < bytes.byteLength; start += SLICE_BYTES) {
        throwIfAborted(signal, 'read content');
        yield bytes.subarray(start, start + SLICE_BYTES);
      }
    },
  };
}

function blobSource(blob: Blob): Source {
  return {
    sizeBytes: blob.size,
    replayable: true,
    open: signal => readAll(blob.stream(), signal),
  };
}

function localSource(file: LocalFile): Source {
  return {
    sizeBytes: file.sizeBytes,
    replayable: !file.consume,
    local: { path: file.path, consume: file.consume },
    async *open(signal) {
      const fs = globalThis.process?.getBuiltinModule?.('node:fs');
      if (!fs)
        throw new FieldFileError('unsupported', 'This runtime has no file system.', { name: file.path });
      yield* readAll(fs.createReadStream(file.path, { highWaterMark: SLICE_BYTES }), signal);
    },
  };
}

function iterableSource(
  iterable: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  context: SourceContext,
): Source {
  let opened = false;
  return {
    replayable: false,
    open(signal) {
      if (opened)
        throw new FieldFileError(
          'content-consumed',
          `A stream can be stored once${where(context)}: pass bytes, a Blob or fromPath() where it may be read again.`,
          context,
        );
      opened = true;
      return readAll(iterable, signal, context);
    },
  };
}

/**
 * Iterates with an abort that also ends a pending read. One listener for the whole iteration, and the source is told
 * to stop (`return`) however it ends.
 */
async function* readAll(
  iterable: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  signal: AbortSignal | undefined,
  context: SourceContext = { operation: 'save' },
): AsyncGenerator<Uint8Array, void, undefined> {
  throwIfAborted(signal, 'read content');
  const iterator =
    Symbol.asyncIterator in iterable ? iterable[Symbol.asyncIterator]() : iterable[Symbol.iterator]();
  // Not Promise.race against one long-lived promise: that would keep a reaction per chunk until the end.
  let failPending: ((error: FieldFileError) => void) | undefined;
  const onAbort = signal && (() => failPending?.(abortedError(signal, 'read content')));
  if (onAbort) signal.addEventListener('abort', onAbort, { once: true });
  let over = false;
  try {
    for (;;) {
      throwIfAborted(signal, 'read content');
      const next = iterator.next();
      const result = await (signal && next instanceof Promise
        ? new Promise<IteratorResult<unknown>>((resolve, reject) => {
            failPending = reject;
            next.then(resolve, error => {
              over = true;
              reject(error);
            });
          })
        : next);
      if (result.done) {
        over = true;
        return;
      }
      const chunk = toBytes(result.value, context);
      if (chunk.byteLength > 0) yield chunk;
    }
  } finally {
    if (onAbort) signal.removeEventListener('abort', onAbort);
    if (!over) stop(iterable, iterator);
  }
}

/** Ends a source that is left early. Nothing is awaited: an iterator that hangs in next() answers return() after that. */
function stop(iterable: object, iterator: AsyncIterator<unknown> | Iterator<unknown>): void {
  const { destroy } = iterable as { readonly destroy?: unknown };
  if (typeof destroy === 'function') destroy.call(iterable); // a Node stream: its iterator waits for the pending read
  const returned = iterator.return?.();
  if (returned instanceof Promise) returned.catch(() => {});
}

/** A web stream as an iterator whose `return` cancels, also while a read is pending (the platform's own waits). */
function readStream(stream: ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> {
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
  if (typeof chunk === 'string') return new TextEncoder().encode(chunk);
  if (chunk instanceof Uint8Array) return chunk;
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  throw new FieldFileError(
    'invalid-argument',
    `A stream of content must yield bytes, not ${describe(chunk)}${where(context)}.`,
    context,
  );
}

function refuseConsumed(content: unknown, context: SourceContext): void {
  const stream = content as {
    readonly locked?: unknown;
    readonly destroyed?: unknown;
    readonly readableEnded?: unknown;
    readonly readableDidRead?: unknown;
    readonly errored?: unknown;
  };
  const why =
    stream?.locked === true
      ? 'is locked by another reader'
      : stream?.destroyed === true
        ? 'was destroyed'
        : stream?.readableEnded === true || stream?.readableDidRead === true
          ? 'was read before'
          : undefined;
  if (why)
    throw new FieldFileError(
      'content-consumed',
      `The stream ${why}${where(context)}: pass one that nobody has read from.`,
      {
        ...context,
        cause: stream.errored ?? undefined,
      },
    );
}

function isBlob(value: unknown): value is Blob {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Blob).stream === 'function' &&
    typeof (value as Blob).size === 'number' &&
    typeof (value as Blob).slice === 'function'
  );
}

function isSource(value: unknown): value is Source {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Source).open === 'function' &&
    typeof (value as Source).replayable === 'boolean'
  );
}

function isReadableStream(value: unknown): value is ReadableStream<Uint8Array> {
  return (
    typeof value === 'object' && value !== null && typeof (value as ReadableStream).getReader === 'function'
  );
}

function isIterable(value: unknown): value is AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  return (
    typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value)
  );
}

const looksLikePath = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'path' in value;

const where = (context: SourceContext): string =>
  context.field ? ` (${context.field})` : context.name ? ` for ${JSON.stringify(context.name)}` : '';

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value !== 'object' && typeof value !== 'function') return `a ${typeof value}`;
  const name = (value as object).constructor?.name;
  return name && name !== 'Object' ? `a ${name}` : 'an object';
}
