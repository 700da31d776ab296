import type { LocalFile } from './local-file.ts';
import type { Source } from './source.ts';

/**
 * Bytes without a row: text (stored as UTF-8), bytes, a Blob or web `File`, a web stream, a Node `Readable` or any
 * other (async) iterable of bytes or text, a `Source`, or a file of this machine named on purpose by `fromPath`.
 * A bare `{ path }` is refused: JSON from a request must not name a file of the server.
 */
export type Content =
  | string
  | Uint8Array
  | ArrayBuffer
  | Blob
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array | string>
  | Iterable<Uint8Array>
  | Source
  | LocalFile;
