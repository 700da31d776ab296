import { FieldFileError } from '../errors/field-file-error.ts';
import { isNodeStream, letGo, nodeChunks } from './node-stream.ts';
import { type Chunks, readAll, streamChunks } from './read-all.ts';
import type { Source } from './source.ts';
import { type SourceContext, where } from './source-context.ts';

/** Streams and iterators that were opened: two readers of one would get half of it each. */
const opened = new WeakSet<object>();

const ignore = (): void => {};

/**
 * A stream or iterable as a source that can be opened once.
 *
 * @throws `content-consumed` for a stream that is locked, destroyed or was read, now or when it is opened.
 */
export function oneShotSource(content: Chunks | ReadableStream<Uint8Array>, context: SourceContext): Source {
  refuseConsumed(content, context);
  // A Node stream may fail before it is read: its iterator tells, but an error nobody listens to ends the process.
  if (isNodeStream(content)) content.on('error', ignore);
  let taken = false;
  return {
    replayable: false,
    release: () => releaseContent(content),
    open(signal) {
      if (taken) throw consumed('was read before', context);
      refuseLocked(content, context);
      taken = true;
      if (isReadableStream(content) || isIterator(content) || isNodeStream(content)) opened.add(content);
      return readAll(chunksOf(content), signal, context);
    },
  };
}

/**
 * Lets go of content that will not be read: a Node stream is destroyed (an HTTP request is read to its end), a web stream
 * cancelled, an iterator returned. Content that can be read again holds nothing, and what is being read is freed by that.
 */
export function releaseContent(content: unknown): void {
  if (typeof content !== 'object' || content === null || opened.has(content)) return;
  if (isNodeStream(content)) letGo(content);
  else if (isReadableStream(content)) {
    if (!content.locked) content.cancel().catch(ignore); // a stream that failed has nothing left to cancel
  } else if (isIterator(content)) returnEarly(content as AsyncIterator<unknown>);
  else if ('release' in content && typeof content.release === 'function') content.release();
}

function returnEarly(iterator: AsyncIterator<unknown>): void {
  (async () => iterator.return?.())().catch(ignore); // nobody waits for it
}

function chunksOf(content: Chunks | ReadableStream<Uint8Array>): Chunks {
  if (isReadableStream(content)) return streamChunks(content);
  return isNodeStream(content) ? nodeChunks(content) : content;
}

function refuseConsumed(content: object, context: SourceContext): void {
  refuseLocked(content, context);
  const { destroyed, readableEnded, readableDidRead, errored } = content as {
    readonly destroyed?: unknown;
    readonly readableEnded?: unknown;
    readonly readableDidRead?: unknown;
    readonly errored?: unknown;
  };
  if (destroyed === true) throw consumed('was destroyed', context, errored);
  if (readableEnded === true || readableDidRead === true) throw consumed('was read before', context);
}

function refuseLocked(content: object, context: SourceContext): void {
  if (opened.has(content)) throw consumed('was read before', context);
  if ((content as { readonly locked?: unknown }).locked === true)
    throw consumed('is locked by another reader', context);
}

const consumed = (why: string, context: SourceContext, errored?: unknown): FieldFileError =>
  new FieldFileError(
    'content-consumed',
    `The stream ${why}${where(context)}: pass one that nobody has read from, or bytes, a Blob or fromPath().`,
    { ...context, cause: errored ?? undefined },
  );

/** Whether it is a web stream: by its method, since that of another realm or of a polyfill is no instance of ours. */
export function isReadableStream(value: unknown): value is ReadableStream<Uint8Array> {
  return typeof (value as Partial<ReadableStream> | null | undefined)?.getReader === 'function';
}

/** A generator, say: iterating it again would go on where it stopped. */
const isIterator = (value: object): boolean =>
  typeof (value as Partial<Iterator<unknown>>).next === 'function';
