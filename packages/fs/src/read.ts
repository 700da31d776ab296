import fs from 'node:fs';
import {
  abortedError,
  type ObjectKey,
  type ReadOptions,
  type ReadResult,
  throwIfAborted,
} from '@fieldfile/core/backend';
import type { OpenFile } from './directory.ts';
import { DiskError, isDiskError, SHORT_FILE, VERSION_CHANGED } from './disk-error.ts';
import { objectInfo } from './object-info.ts';
import { type Root, splitKey } from './root.ts';

const { O_RDONLY, O_NONBLOCK = 0 } = fs.constants;

/** Bytes read at a time. Larger gains nothing; smaller costs a call each. */
const CHUNK_BYTES = 256 * 1024;

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
  const file = await openFile(root, key);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new DiskError('ENOENT', 'it is no regular file');
    const info = objectInfo(key, stats);
    if (ifMatch !== undefined && info.version !== ifMatch)
      throw new DiskError(VERSION_CHANGED, 'another version is there');
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

async function openFile(root: Root, key: ObjectKey): Promise<OpenFile> {
  const { folders, name } = splitKey(key);
  try {
    const folder = await root.folder(folders);
    try {
      // Opening a pipe would otherwise wait for somebody to write into it.
      return await folder.open(name, O_RDONLY | O_NONBLOCK);
    } catch (error) {
      if (isDiskError(error, 'ELOOP', 'ENXIO'))
        throw new DiskError('ENOENT', 'it is no regular file', { cause: error });
      throw error;
    } finally {
      folder.close();
    }
  } catch (error) {
    if (isDiskError(error, 'ENOTDIR')) throw new DiskError('ENOENT', error.message, { cause: error });
    throw error;
  }
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
    this.#closed ??= this.#reading.then(() => this.#file.close());
    return this.#closed;
  }

  async #pull(controller: ReadableByteStreamController): Promise<void> {
    const left = this.#end - this.#position;
    if (left <= 0) {
      await this.close();
      controller.close();
      controller.byobRequest?.respond(0); // a pending BYOB read ends only when it is answered
      return;
    }
    // Never pooled memory: whoever holds the chunk holds its whole buffer.
    const chunk = new Uint8Array(Math.min(CHUNK_BYTES, left));
    try {
      const reading = this.#file.read(chunk, this.#position);
      this.#reading = reading.catch(() => {});
      if ((await reading) < chunk.byteLength) throw new DiskError(SHORT_FILE, 'the file ended early');
    } catch (error) {
      await this.close();
      throw this.#translate(error);
    }
    if (this.#closed) return;
    this.#position += chunk.byteLength;
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
