import type { Readable } from 'node:stream';
import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { type FieldFileError, isFieldFileError, type ObjectInfo } from '@fieldfile/storage';
import {
  abortedError,
  collectBytes,
  type ObjectName,
  paceCollection,
  READ_AT_ONCE_BYTES,
  type ReadOptions,
  type ReadResult,
} from '@fieldfile/storage/backend';
import type { Call, Connection } from './connection.ts';
import { missingObject, toFieldFileError } from './errors.ts';
import { type ObjectHead, objectInfo } from './object-info.ts';

type Chunk = Uint8Array<ArrayBuffer>;

/** Opens an object, or a part of it, with one request. */
export async function openObject(
  connection: Connection,
  name: ObjectName,
  { range, ifMatch, signal }: ReadOptions = {},
): Promise<ReadResult> {
  const call = { operation: 'read', name, signal, headers: await connection.asksForChecksum() };
  const { start = 0, endExclusive } = range ?? {};
  const request = {
    Bucket: connection.bucket,
    Key: name,
    ...(ifMatch === undefined ? {} : { IfMatch: ifMatch }),
  };
  const nothing = async (): Promise<ReadResult> => {
    const head = await connection.send(new HeadObjectCommand(request), call);
    return {
      info: infoOf(connection, call, name, head),
      stream: emptyBody(),
      async [Symbol.asyncDispose]() {},
    };
  };
  // No Range header means no bytes.
  if (endExclusive !== undefined && endExclusive <= start) return nothing();
  const Range = range && { Range: `bytes=${start}-${endExclusive === undefined ? '' : endExclusive - 1}` };
  try {
    const output = await connection.send(new GetObjectCommand({ ...request, ...Range }), call);
    const source = output.Body as Readable;
    try {
      const info = infoOf(connection, call, name, output);
      return new Body(info, source, output.ContentLength, connection, call);
    } catch (error) {
      source.on('error', () => {}).destroy();
      throw error;
    }
  } catch (error) {
    if (isFieldFileError(error) && isBeyondTheEnd(error)) return nothing();
    throw error;
  }
}

function infoOf(connection: Connection, call: Call, name: ObjectName, head: ObjectHead): ObjectInfo {
  const info = objectInfo(name, head);
  if (!info) throw missingObject(connection.context(call));
  return info;
}

const isBeyondTheEnd = ({ cause }: FieldFileError): boolean =>
  (cause as { readonly $metadata?: { readonly httpStatusCode?: number } } | undefined)?.$metadata
    ?.httpStatusCode === 416;

const emptyBody = (): ReadableStream<Chunk> =>
  new ReadableStream({ start: controller => controller.close() });

/**
 * The bytes of an answer, at once where they are few, or as a web stream that reads nothing ahead and is made for who asks
 * for it. The socket is freed however they end.
 */
class Body implements ReadResult {
  readonly info: ObjectInfo;
  readonly bytes?: () => Promise<Chunk>;
  readonly #source: Readable;
  readonly #connection: Connection;
  readonly #call: Call;
  #stream: ReadableStream<Chunk> | undefined;
  #controller: ReadableStreamDefaultController<Chunk> | undefined;
  /** Ends the wait for the next chunk. */
  #wake: (() => void) | undefined;
  #ended = false;
  #failure: unknown;

  constructor(
    info: ObjectInfo,
    source: Readable,
    sizeBytes: number | undefined,
    connection: Connection,
    call: Call,
  ) {
    this.info = info;
    if (sizeBytes !== undefined && sizeBytes <= READ_AT_ONCE_BYTES) this.bytes = () => this.#bytes(sizeBytes);
    this.#source = source;
    this.#connection = connection;
    this.#call = call;
    source.on('error', this.#onError);
    call.signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (call.signal?.aborted) this.#onAbort();
  }

  get stream(): ReadableStream<Chunk> {
    this.#stream ??= this.#newStream();
    return this.#stream;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
  }

  async #bytes(sizeBytes: number): Promise<Chunk> {
    try {
      if (this.#source.destroyed) throw CUT_OFF;
      return await collectBytes(this.#source, sizeBytes);
    } catch {
      const { signal, operation } = this.#call;
      if (signal?.aborted) throw abortedError(signal, operation);
      throw this.#explained();
    } finally {
      this.#close();
    }
  }

  #newStream(): ReadableStream<Chunk> {
    const { signal, operation } = this.#call;
    const stream = new ReadableStream<Chunk>(
      {
        start: controller => {
          this.#controller = controller;
        },
        pull: controller => this.#pull(controller),
        cancel: () => this.#close(),
      },
      { highWaterMark: 0 },
    );
    if (signal?.aborted) this.#controller?.error(abortedError(signal, operation));
    this.#source.on('readable', this.#onChange);
    this.#source.on('end', this.#onEnd);
    this.#source.on('close', this.#onChange);
    return stream;
  }

  #close(): void {
    this.#call.signal?.removeEventListener('abort', this.#onAbort);
    this.#source.destroy();
    this.#wake?.();
  }

  async #pull(controller: ReadableStreamDefaultController<Chunk>): Promise<void> {
    for (;;) {
      const chunk = this.#source.read() as Buffer<ArrayBuffer> | null;
      if (chunk) {
        paceCollection(chunk.byteLength);
        controller.enqueue(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
        return;
      }
      if (this.#ended) {
        this.#close();
        controller.close();
        return;
      }
      if (this.#failure !== undefined || this.#source.destroyed) {
        this.#close();
        if (this.#call.signal?.aborted) return; // #onAbort has told
        throw this.#explained();
      }
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
  }

  #explained(): unknown {
    return toFieldFileError(this.#failure ?? CUT_OFF, this.#connection.context(this.#call));
  }

  readonly #onChange = (): void => this.#wake?.();

  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#wake?.();
  };

  readonly #onError = (error: unknown): void => {
    this.#failure ??= error;
    this.#wake?.();
  };

  readonly #onAbort = (): void => {
    const { signal, operation } = this.#call;
    if (signal) this.#controller?.error(abortedError(signal, operation));
    this.#close();
  };
}

/** What a socket that closed without a word means. */
const CUT_OFF: { readonly code: string } = { code: 'ECONNRESET' };
