import fs from 'node:fs';
import type { ObjectInfo, ObjectVersion } from '@fieldfile/storage';
import {
  abortedError,
  type ObjectName,
  paceCollection,
  type ReadOptions,
  type ReadResult,
  throwIfAborted,
} from '@fieldfile/storage/backend';
import type { OpenFile } from './directory.ts';
import { DiskError, isDiskError, SHORT_FILE, VERSION_CHANGED } from './disk-error.ts';
import { objectInfo } from './object-info.ts';
import { type Root, splitName } from './root.ts';

const { O_RDONLY, O_NONBLOCK = 0 } = fs.constants;

/** Opening a pipe would otherwise wait for somebody to write into it. */
const FLAGS = O_RDONLY | O_NONBLOCK;

/** Bytes read at a time. Smaller costs a turn of the thread pool each: with 256 KiB, a third more time (measured). */
const CHUNK_BYTES = 1024 * 1024;

/** What streams that are open at once have in chunks together: many slow clients of a server have a small one each. */
const CHUNKS_TOGETHER_BYTES = 8 * CHUNK_BYTES;
const MIN_CHUNK_BYTES = 64 * 1024;

let openStreams = 0;

const chunkBytes = (): number =>
  Math.max(MIN_CHUNK_BYTES, Math.min(CHUNK_BYTES, Math.floor(CHUNKS_TOGETHER_BYTES / openStreams)));

/**
 * Opens an object. What is read is this inode, whatever happens to its name meanwhile. A folder, a symbolic link or a
 * device is no object: `ENOENT`.
 */
export async function openObject(
  root: Root,
  name: ObjectName,
  { range, ifMatch, signal }: ReadOptions,
  translate: (error: unknown) => unknown,
): Promise<ReadResult> {
  throwIfAborted(signal, 'read');
  const { file, info } = await openFile(root, name, ifMatch);
  try {
    throwIfAborted(signal, 'read');
    return new OpenedFile(file, info, {
      start: range?.start ?? 0,
      end: Math.min(range?.endExclusive ?? info.sizeBytes, info.sizeBytes),
      signal,
      translate,
    });
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Opens what an object is: a regular file, of that version if one is asked for. Close it. */
export async function openFile(
  root: Root,
  name: ObjectName,
  ifMatch: ObjectVersion | undefined,
): Promise<{ readonly file: OpenFile; readonly info: ObjectInfo }> {
  const file = (await root.fileAtOnce(name, FLAGS)) ?? (await openInFolder(root, name));
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw noObject();
    const info = objectInfo(name, stats);
    if (ifMatch !== undefined && info.version !== ifMatch)
      throw new DiskError(VERSION_CHANGED, 'another version is there');
    return { file, info };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function openInFolder(root: Root, name: ObjectName): Promise<OpenFile> {
  const { folders, last } = splitName(name);
  try {
    const folder = await root.folder(folders);
    try {
      return await folder.open(last, FLAGS);
    } catch (error) {
      if (isDiskError(error, 'ELOOP', 'ENXIO')) throw noObject(error);
      throw error;
    } finally {
      folder.close();
    }
  } catch (error) {
    throw isDiskError(error, 'ENOTDIR') ? noObject(error) : error;
  }
}

function noObject(cause?: unknown): DiskError {
  return new DiskError('ENOENT', 'it is no regular file', { cause });
}

export async function* readChunks(file: OpenFile, sizeBytes: number): AsyncGenerator<Uint8Array> {
  for (let position = 0; position < sizeBytes; position += CHUNK_BYTES) {
    const chunk = newBytes(Math.min(CHUNK_BYTES, sizeBytes - position));
    refuseShort(await file.read(chunk, position), chunk);
    yield chunk;
  }
}

/** Never pooled memory: whoever holds the chunk holds its whole buffer. Not zeroed: it is filled, or never shown. */
const newBytes = (length: number): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);

function refuseShort(readBytes: number, into: Uint8Array): void {
  if (readBytes < into.byteLength) throw new DiskError(SHORT_FILE, 'the file ended early');
}

interface ReadingOptions {
  readonly start: number;
  readonly end: number;
  readonly signal: AbortSignal | undefined;
  readonly translate: (error: unknown) => unknown;
}

/**
 * The bytes of an open file: at once, or as a web stream, which is made for who asks for it. The file is closed at their
 * end, and by a failure, an abort, a cancel and disposing.
 */
class OpenedFile implements ReadResult {
  readonly info: ObjectInfo;
  readonly #file: OpenFile;
  readonly #end: number;
  readonly #signal: AbortSignal | undefined;
  readonly #translate: (error: unknown) => unknown;
  #position: number;
  #body: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
  #controller: ReadableByteStreamController | undefined;
  #reading: Promise<number> | undefined;
  /** Ends a wait for all of it. */
  #reject: ((error: unknown) => void) | undefined;
  #closed: Promise<void> | undefined;

  constructor(file: OpenFile, info: ObjectInfo, { start, end, signal, translate }: ReadingOptions) {
    this.info = info;
    this.#file = file;
    this.#position = start;
    this.#end = end;
    this.#signal = signal;
    this.#translate = translate;
    signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  get stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    if (this.#body) return this.#body;
    if (!this.#closed) openStreams += 1;
    this.#body = new ReadableStream({
      type: 'bytes',
      start: controller => {
        this.#controller = controller;
      },
      pull: controller => this.#pull(controller),
      cancel: () => this.#close(),
    });
    return this.#body;
  }

  bytes(): Promise<Uint8Array<ArrayBuffer>> {
    if (!this.#signal) return this.#rest();
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      this.#rest().then(resolve, reject);
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }

  /** Waits for a read under way: its descriptor must not be given to another file. */
  #close(): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    if (!this.#closed && this.#body) openStreams -= 1;
    const close = (): Promise<void> => this.#file.close();
    this.#closed ??= this.#reading ? this.#reading.then(close, close) : close();
    return this.#closed;
  }

  async #rest(): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = newBytes(Math.max(0, this.#end - this.#position));
    for (let read = 0; read < bytes.byteLength; read += CHUNK_BYTES)
      await this.#read(bytes.subarray(read, read + CHUNK_BYTES));
    await this.#close();
    return bytes;
  }

  async #pull(controller: ReadableByteStreamController): Promise<void> {
    const left = this.#end - this.#position;
    if (left <= 0) {
      await this.#close();
      controller.close();
      controller.byobRequest?.respond(0); // a pending BYOB read ends only when it is answered
      return;
    }
    const chunk = newBytes(Math.min(chunkBytes(), left));
    await this.#read(chunk);
    if (this.#closed) return;
    if (chunk.byteLength >= MIN_CHUNK_BYTES) paceCollection(chunk.byteLength);
    controller.enqueue(chunk);
    if (this.#position === this.#end) {
      controller.close();
      await this.#close();
    }
  }

  /** Fills `into` with what comes next. */
  async #read(into: Uint8Array<ArrayBuffer>): Promise<void> {
    // Disposed of before its end: the descriptor may be another file's by now.
    if (this.#closed) {
      throwIfAborted(this.#signal, 'read');
      throw this.#translate(new DiskError('EBADF', 'the object was disposed of'));
    }
    try {
      this.#reading = this.#file.read(into, this.#position);
      refuseShort(await this.#reading, into);
      this.#reading = undefined;
      this.#position += into.byteLength;
    } catch (error) {
      await this.#close();
      throw this.#translate(error);
    }
  }

  readonly #onAbort = (): void => {
    const error = abortedError(this.#signal as AbortSignal, 'read');
    this.#controller?.error(error);
    this.#reject?.(error);
    void this.#close();
  };
}
