import { FieldFileError } from '../errors/field-file-error.ts';
import { throwIfAborted } from '../storage/abort.ts';
import type { Content } from './content.ts';
import { isLocalFile } from './local-file.ts';
import { localSource } from './local-source.ts';
import { isReadableStream, oneShotSource } from './one-shot-source.ts';
import { isArrayBuffer, readAll, streamChunks } from './read-all.ts';
import type { Source } from './source.ts';
import { describe, type SourceContext, where } from './source-context.ts';

/** Chunk size in which memory is handed out: large enough to be cheap, small enough to report progress. */
const SLICE_BYTES = 1024 * 1024;

/**
 * Turns content into a {@link Source}.
 *
 * @throws `content-consumed` for a locked, read or destroyed stream and a transferred buffer; `invalid-argument` for
 * anything that is no content. Both before a byte is read.
 */
export function toSource(content: Content, context: SourceContext): Source {
  if (typeof content === 'string') return bytesSource(new TextEncoder().encode(content), context);
  if (ArrayBuffer.isView(content)) return bufferSource(content, context);
  if (isArrayBuffer(content)) return bufferSource({ buffer: content }, context);
  if (typeof content === 'object' && content !== null) {
    if (isBlob(content)) return blobSource(content, context);
    if (isLocalFile(content)) return localSource(content, context);
    if (isSource(content)) return content;
    if (isReadableStream(content) || Symbol.asyncIterator in content || Symbol.iterator in content)
      return oneShotSource(content, context);
  }
  throw new FieldFileError(
    'invalid-argument',
    `Content cannot be made of ${describe(content)}${where(context)}: pass text, bytes, a Blob, a stream or an iterable of bytes` +
      `${looksLikePath(content) ? '; to read a file of this machine, use fromPath() of "@fieldfile/core/node"' : ''}.`,
    context,
  );
}

function bufferSource(
  { buffer, byteOffset, byteLength }: Partial<ArrayBufferView> & Pick<ArrayBufferView, 'buffer'>,
  context: SourceContext,
): Source {
  if ((buffer as { readonly detached?: boolean }).detached)
    throw new FieldFileError(
      'content-consumed',
      `The bytes${where(context)} were transferred, as by postMessage(): copy them before, or store them first.`,
      context,
    );
  return bytesSource(new Uint8Array(buffer, byteOffset, byteLength), context);
}

function bytesSource(bytes: Uint8Array, { operation }: SourceContext): Source {
  return {
    sizeBytes: bytes.byteLength,
    replayable: true,
    bytes,
    async *open(signal) {
      throwIfAborted(signal, operation);
      for (let start = 0; start < bytes.byteLength; start += SLICE_BYTES) {
        yield bytes.subarray(start, start + SLICE_BYTES);
        throwIfAborted(signal, operation);
      }
    },
  };
}

function blobSource(blob: Blob, context: SourceContext): Source {
  return {
    sizeBytes: blob.size,
    replayable: true,
    open: signal => readAll(streamChunks(blob.stream()), signal, context),
  };
}

/** By its methods: the `Blob` of another realm, or of the `fetch-blob` package, is no instance of ours. */
function isBlob(value: object): value is Blob {
  const { stream, slice, size } = value as Partial<Blob>;
  return typeof stream === 'function' && typeof slice === 'function' && typeof size === 'number';
}

/** Whether it is a {@link Source}, as a handle and an opened object of another storage give one. */
export function isSource(value: unknown): value is Source {
  if (typeof value !== 'object' || value === null) return false;
  const { open, replayable } = value as Partial<Source>;
  return typeof open === 'function' && typeof replayable === 'boolean';
}

const looksLikePath = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'path' in value;
