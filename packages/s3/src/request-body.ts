import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { ChunkGarbage } from '@fieldfile/storage/backend';

/** Content this small and in one piece goes to the SDK as it is: a stream would cost more than hashing it. */
const ONE_PIECE_BYTES = 256 * 1024;

/** What the SDK is given as a body. */
export type RequestBody = Uint8Array | Readable;

/** A body of what is in memory. A stream is never hashed by the SDK, nor are its chunks put together. */
export function bodyOf(chunks: readonly Uint8Array[], onFailure: (error: unknown) => void): RequestBody {
  const [first = new Uint8Array(), ...others] = chunks;
  return others.length > 0 || first.byteLength > ONE_PIECE_BYTES ? streamOf(chunks, onFailure) : first;
}

/**
 * A body of content that comes bit by bit. The SDK pipes a body into the request and does not look after its errors:
 * one would end the process, or the request would wait for ever. So it never has one; `onFailure` is told instead, and
 * is to abort the request.
 */
export function streamOf(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  onFailure: (error: unknown) => void,
): Readable {
  const iterator: Iterator<Uint8Array> | AsyncIterator<Uint8Array> =
    Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]();
  const pull = async (stream: Readable): Promise<void> => {
    try {
      const { done, value } = await iterator.next();
      if (!stream.destroyed) stream.push(done ? null : value);
    } catch (error) {
      onFailure(error);
    }
  };
  return new Readable({
    read() {
      void pull(this);
    },
    destroy(error, callback) {
      // Not awaited: it may wait for a chunk that never comes, until its signal is aborted.
      void Promise.resolve(iterator.return?.()).catch(() => {});
      callback(error);
    },
  });
}

/** Holds every chunk back until there is another: the last one goes only when the content has ended well. */
export async function* endingWell(
  chunks: AsyncIterable<Uint8Array>,
  onChunk?: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const garbage = new ChunkGarbage();
  let held: Uint8Array | undefined;
  for await (const chunk of chunks) {
    garbage.passed(chunk);
    if (held) {
      onChunk?.(held);
      yield held;
    }
    held = chunk;
  }
  if (!held) return;
  onChunk?.(held);
  yield held;
}

/** As S3 writes a CRC32: base64 of its four bytes, the highest first. */
export function crc32Of(chunks: readonly Uint8Array[]): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(chunks.reduce((value, chunk) => crc32(chunk, value), 0));
  return bytes.toString('base64');
}
