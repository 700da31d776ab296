import fs from 'node:fs';
import type { ObjectInfo, ObjectVersion } from '@fieldfile/storage';
import {
  abortedError,
  type ObjectKey,
  paceCollection,
  type ReadOptions,
  type ReadResult,
  throwIfAborted,
} from '@fieldfile/storage/backend';
import type { OpenFile } from './directory.ts';
import { DiskError, isDiskError, SHORT_FILE, VERSION_CHANGED } from './disk-error.ts';
import { objectInfo } from './object-info.ts';
import { type Root, splitKey } from './root.ts';

const { O_RDONLY, O_NONBLOCK = 0 } = fs.constants;

/** Bytes read at a time. Smaller costs a turn of the thread pool each: with 256 KiB, a third more time (measured). */
const CHUNK_BYTES = 1024 * 1024;

/** What readers that are open at once have in chunks together: many slow clients of a server have a small one each. */
const CHUNKS_TOGETHER_BYTES = 8 * CHUNK_BYTES;
const MIN_CHUNK_BYTES = 64 * 1024;

let openBodies = 0;

const chunkBytes = (): number =>
  Math.max(MIN_CHUNK_BYTES, Math.min(CHUNK_BYTES, Math.floor(CHUNKS_TOGETHER_BYTES / openBodies)));

/**
 * Opens an object. What is read is this inode, whatever happens to its name meanwhile. A folder, a symbolic link or a
 * device is no object: `ENOENT`.
 */
export async function openObject(
  root: Root,
  key: ObjectKey,
  { range, ifMatch, signal }: ReadOptions,
  translate: (error: unknown) => unknown,
): Promise<ReadResult> {
  throwIfAborted(signal, 'read');
  const { file, info } = await openFile(root, key, ifMatch);
  try {
    throwIfAborted(signal, 'read');
    const body = new Body(file, {
      start: range?.start ?? 0,
      end: Math.min(range?.endExclusive ?? info.sizeBytes, info.sizeBytes),
      signal,
      translate,
    });
    return { info, body: body.stream, [Symbol.asyncDispose]: () => body.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Opens what an object is: a regular file, of that version if one is asked for. Close it. */
export async function openFile(
  root: Root,
  key: ObjectKey,
  ifMatch: ObjectVersion | undefined,
): Promise<{ readonly file: OpenFile; readonly info: ObjectInfo }> {
  const { folders, name } = splitKey(key);
  let file: OpenFile;
  try {
    const folder = await root.folder(folders);
    try {
      // Opening a pipe would otherwise wait for somebody to write into it.
      file = await folder.open(name, O_RDONLY | O_NONBLOCK);
    } catch (error) {
      if (isDiskError(error, 'ELOOP', 'ENXIO')) throw noObject(error);
      throw error;
    } finally {
      folder.close();
    }
  } catch (error) {
    throw isDiskError(error, 'ENOTDIR') ? noObject(error) : error;
  }
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw noObject();
    const info = objectInfo(key, stats);
    if (ifMatch !== undefined && info.version !== ifMatch)
      throw new DiskError(VERSION_CHANGED, 'another version is there');
    return { file, info };
  } catch (error) {
    await file.close();
    throw error;
  }
}

function noObject(cause?: unknown): DiskError {
  return new DiskError('ENOENT', 'it is no regular file', { cause });
}

export async function* readChunks(file: OpenFile, sizeBytes: number): AsyncGenerator<Uint8Array> {
  for (let position = 0; position < sizeBytes; position += CHUNK_BYTES)
    yield await readChunk(file, position, Math.min(CHUNK_BYTES, sizeBytes - position));
}

/** Never pooled memory: whoever holds the chunk holds its whole buffer. Not zeroed: it is filled, or never shown. */
async function readChunk(file: OpenFile, position: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunk = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
  if ((await file.read(chunk, position)) < length) throw new DiskError(SHORT_FILE, 'the file ended early');
  return chunk;
}

interface BodyOptions {
  readonly start: number;
  readonly end: number;
  readonly signal: AbortSignal | undefined;
  readonly translate: (error: unknown) => unknown;
}

/** The bytes of an open file as a web stream, which closes the file when it ends, is cancelled, aborted or disposed of. */
class Body {
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly #file: OpenFile;
  readonly #end: number;
  readonly #signal: AbortSignal | undefined;
  readonly #translate: (error: unknown) => unknown;
  #position: number;
  #controller: ReadableByteStreamController | undefined;
  #reading: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | undefined;

  constructor(file: OpenFile, { start, end, signal, translate }: BodyOptions) {
    this.#file = file;
    this.#position = start;
    this.#end = end;
    this.#signal = signal;
    this.#translate = translate;
    openBodies += 1;
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.stream = new ReadableStream({
      type: 'bytes',
      start: controller => {
        this.#controller = controller;
      },
      pull: controller => this.#pull(controller),
      cancel: () => this.close(),
    });
  }

  /** Waits for a read under way: its descriptor must not be given to another file. */
  close(): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    if (!this.#closed) openBodies -= 1;
    this.#closed ??= this.#reading.then(() => this.#file.close());
    return this.#closed;
  }

  async #pull(controller: ReadableByteStreamController): Promise<void> {
    // Disposed of before its end: the descriptor may be another file's by now.
    if (this.#closed) throw this.#translate(new DiskError('EBADF', 'the object was disposed of'));
    const left = this.#end - this.#position;
    if (left <= 0) {
      await this.close();
      controller.close();
      controller.byobRequest?.respond(0); // a pending BYOB read ends only when it is answered
      return;
    }
    let chunk: Uint8Array<ArrayBuffer>;
    try {
      const reading = readChunk(this.#file, this.#position, Math.min(chunkBytes(), left));
      this.#reading = reading.catch(() => {});
      chunk = await reading;
    } catch (error) {
      await this.close();
      throw this.#translate(error);
    }
    if (this.#closed) return;
    this.#position += chunk.byteLength;
    if (chunk.byteLength >= MIN_CHUNK_BYTES) paceCollection(chunk.byteLength);
    controller.enqueue(chunk);
    if (this.#position === this.#end) {
      controller.close();
      await this.close();
    }
  }

  readonly #onAbort = (): void => {
    this.#controller?.error(abortedError(this.#signal as AbortSignal, 'read'));
    void this.close();
  };
}
