import { paceCollection } from '../content/chunk-garbage.ts';
import { type ErrorCode, FieldFileError } from '../errors/field-file-error.ts';
import { abortedError, throwIfAborted } from '../storage/abort.ts';
import type { ObjectInfo, ReadOptions, ReadResult } from '../storage/backend.ts';

type Chunk = Uint8Array<ArrayBuffer>;

/** Large enough that a read costs nothing beside its bytes: with 256 KiB, a third more time on a disk (measured). */
const CHUNK_BYTES = 1024 * 1024;

/** What streams that are open at once have in chunks together: many slow clients of a server have a small one each. */
const CHUNKS_TOGETHER_BYTES = 8 * CHUNK_BYTES;
const MIN_CHUNK_BYTES = 64 * 1024;

let openStreams = 0;

const chunkBytes = (): number =>
  Math.max(MIN_CHUNK_BYTES, Math.min(CHUNK_BYTES, Math.floor(CHUNKS_TOGETHER_BYTES / openStreams)));

/**
 * Never pooled memory: whoever holds the chunk holds its whole buffer. Node's is not zeroed: it is filled, or never shown.
 */
const newBytes = (length: number): Chunk =>
  new Uint8Array((globalThis.Buffer?.allocUnsafeSlow(length).buffer as ArrayBuffer) ?? length);

/** An open file, or what can be read like one. */
export interface ReadableFile {
  /** Fills `into` with the bytes from `position` on, one call at a time. @returns how many: fewer only at the end. */
  read(into: Chunk, position: number): Promise<number>;
  /** Called once. */
  close(): Promise<void>;
}

/**
 * An object as it is read of an open file, for backends that keep objects as files: at once, or as a stream, which is made
 * for who asks for it. The file is closed at the end, and by a failure, an abort, a cancel and disposing.
 *
 * @param translate what an error of the file means. Default: it is thrown as it is.
 */
export function readByPosition(
  info: ObjectInfo,
  options: ReadOptions,
  file: ReadableFile,
  translate: (error: unknown) => unknown = error => error,
): ReadResult {
  return new OpenedFile(info, options, file, translate);
}

class OpenedFile implements ReadResult {
  readonly info: ObjectInfo;
  readonly #file: ReadableFile;
  readonly #end: number;
  readonly #signal: AbortSignal | undefined;
  readonly #translate: (error: unknown) => unknown;
  #position: number;
  #stream: ReadableStream<Chunk> | undefined;
  #controller: ReadableByteStreamController | undefined;
  #reading: Promise<number> | undefined;
  /** Ends a wait for all of it. */
  #reject: ((error: unknown) => void) | undefined;
  #closed: Promise<void> | undefined;

  constructor(
    info: ObjectInfo,
    { range, signal }: ReadOptions,
    file: ReadableFile,
    translate: (error: unknown) => unknown,
  ) {
    this.info = info;
    this.#file = file;
    this.#position = range?.start ?? 0;
    this.#end = Math.min(range?.endExclusive ?? info.sizeBytes, info.sizeBytes);
    this.#signal = signal;
    this.#translate = translate;
    signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  get stream(): ReadableStream<Chunk> {
    if (this.#stream) return this.#stream;
    if (!this.#closed) openStreams += 1;
    this.#stream = new ReadableStream({
      type: 'bytes',
      start: controller => {
        this.#controller = controller;
      },
      pull: controller => this.#pull(controller),
      cancel: () => this.#close(),
    });
    return this.#stream;
  }

  bytes(): Promise<Chunk> {
    if (!this.#signal) return this.#rest();
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      this.#rest().then(resolve, reject);
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }

  /** Waits for a read under way: the file must not be given to another one meanwhile. */
  #close(): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    if (!this.#closed && this.#stream) openStreams -= 1;
    const close = (): Promise<void> => this.#file.close();
    this.#closed ??= this.#reading ? this.#reading.then(close, close) : close();
    return this.#closed;
  }

  async #rest(): Promise<Chunk> {
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
  async #read(into: Chunk): Promise<void> {
    // Disposed of before its end: what is open there may be another file by now.
    if (this.#closed) {
      throwIfAborted(this.#signal, 'read');
      throw failure('backend', 'was disposed of: open it again', this.info);
    }
    try {
      this.#reading = this.#file.read(into, this.#position);
      if ((await this.#reading) < into.byteLength)
        throw failure('integrity', 'became shorter while it was read', this.info);
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

const failure = (code: ErrorCode, what: string, { name }: ObjectInfo): FieldFileError =>
  new FieldFileError(code, `${JSON.stringify(name)} ${what} (read).`, { operation: 'read', name });
