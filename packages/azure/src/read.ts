import type { BlockBlobClient } from '@azure/storage-blob';
import type { ObjectInfo } from '@fieldfile/storage';
import {
  collectBytes,
  type ObjectName,
  paceCollection,
  READ_AT_ONCE_BYTES,
  type ReadOptions,
  type ReadResult,
} from '@fieldfile/storage/backend';
import { isOutOfRange } from './errors.ts';
import { etagOf, isReservation, objectInfo, told } from './object-info.ts';
import { BrokenBody, Call, NotAStore } from './request.ts';

export interface ReadContext {
  readonly timeoutMs: number;
  explain(error: unknown): unknown;
  notFound(): Error;
}

type Body = ReadResult['stream'];

/** Opens an object. Repeats nothing: `Storage` goes on where a body broke. */
export async function openBlob(
  blob: BlockBlobClient,
  name: ObjectName,
  { range, ifMatch, signal }: ReadOptions,
  { timeoutMs, explain, notFound }: ReadContext,
): Promise<ReadResult> {
  const call = new Call({ signal, operation: 'read', timeoutMs });
  const conditions = ifMatch === undefined ? {} : { ifMatch: etagOf(ifMatch) };
  /** Nothing to read, but something to tell. */
  const nothing = async (): Promise<ReadResult> => {
    const found = told(await call.ask(abortSignal => blob.getProperties({ abortSignal, conditions })));
    if (isReservation(found.contentType)) throw notFound();
    call.end();
    const body: Body = new ReadableStream({ start: controller => controller.close() });
    return {
      info: objectInfo(name, found.contentLength ?? 0, found),
      stream: body,
      async [Symbol.asyncDispose]() {},
    };
  };
  const { start = 0, endExclusive } = range ?? {};
  try {
    if (start === endExclusive) return await nothing();
    const count = endExclusive === undefined ? undefined : endExclusive - start;
    const answer = await call
      .ask(abortSignal => blob.download(start, count, { abortSignal, conditions, maxRetryRequests: 0 }))
      .catch(error => {
        // The SDK's word for an answer that does not say how long it is.
        if (error instanceof RangeError) throw new NotAStore(error.message);
        if (!isOutOfRange(error)) throw error;
      });
    if (!answer) return await nothing();
    const source = answer.readableStreamBody as NodeBody;
    try {
      told(answer);
    } catch (error) {
      source.on('error', () => {}).destroy();
      throw error;
    }
    if (isReservation(answer.contentType)) {
      source.on('error', () => {}).destroy();
      throw notFound();
    }
    const size = Number(/\/(\d+)$/.exec(answer.contentRange ?? '')?.[1] ?? answer.contentLength ?? 0);
    // The answer's properties are getters: spreading it would copy none.
    const { etag, lastModified, contentType, contentEncoding, contentDisposition, metadata, contentRange } =
      answer;
    const contentMD5 = answer.blobContentMD5 ?? (contentRange ? undefined : answer.contentMD5);
    const known = {
      etag,
      lastModified,
      contentType,
      contentEncoding,
      contentDisposition,
      metadata,
      contentMD5,
    };
    const info = objectInfo(name, size, known);
    return new Opened(info, source, answer.contentLength, call, explain);
  } catch (error) {
    call.stop();
    call.end();
    throw explain(call.explain(error));
  }
}

/** What the SDK hands out: a Node stream that flows as long as it is not paused. */
interface NodeBody {
  on(event: 'data', listener: (chunk: Uint8Array<ArrayBuffer>) => void): NodeBody;
  on(event: 'end' | 'close', listener: () => void): NodeBody;
  on(event: 'error', listener: (error: unknown) => void): NodeBody;
  pause(): unknown;
  resume(): unknown;
  destroy(): unknown;
}

/** Bytes at once where they are few, or a web stream, which is made for who asks for it. */
class Opened implements ReadResult {
  readonly info: ObjectInfo;
  readonly bytes?: () => Promise<Uint8Array<ArrayBuffer>>;
  readonly #source: NodeBody;
  readonly #call: Call;
  readonly #explain: (error: unknown) => unknown;
  #opened: ReturnType<typeof pull> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(
    info: ObjectInfo,
    source: NodeBody,
    sizeBytes: number | undefined,
    call: Call,
    explain: (error: unknown) => unknown,
  ) {
    this.info = info;
    if (sizeBytes !== undefined && sizeBytes <= READ_AT_ONCE_BYTES) this.bytes = () => this.#bytes(sizeBytes);
    this.#source = source;
    this.#call = call;
    this.#explain = explain;
    source.on('error', error => {
      this.#failure ??= { error: this.#broken(error) };
    });
  }

  get stream(): Body {
    this.#opened ??= pull(this.#source, this.#call, cause => this.#broken(cause), this.#failure);
    return this.#opened.body;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
  }

  async #bytes(sizeBytes: number): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#failure) throw this.#failure.error;
    this.#call.progress();
    try {
      return await collectBytes(this.#source, sizeBytes, () => this.#call.progress());
    } catch (error) {
      throw this.#broken(error);
    } finally {
      this.#close();
    }
  }

  #close(): void {
    this.#source.destroy();
    this.#call.pause();
    this.#call.end();
    this.#opened?.close();
  }

  #broken(cause: unknown): unknown {
    return this.#explain(this.#call.explain(new BrokenBody('The body broke off.', { cause })));
  }
}

/**
 * A Node stream as one of the platform that takes nothing before it is asked. `Readable.toWeb` would read ahead, and
 * iterating puts together what has arrived.
 */
function pull(
  source: NodeBody,
  call: Call,
  broken: (cause: unknown) => unknown,
  failedBefore: { readonly error: unknown } | undefined,
): { body: Body; close(): void } {
  let waiting: PromiseWithResolvers<void> | undefined;
  let failure = failedBefore;
  let isOver = false;
  const settle = (): void => {
    call.pause();
    source.pause();
    waiting?.resolve();
    waiting = undefined;
  };
  const close = (): void => {
    isOver = true;
    source.destroy();
    call.end();
    settle();
  };
  const body: Body = new ReadableStream(
    {
      start(controller) {
        source
          .on('data', chunk => {
            if (isOver) return; // cancelled: a stream may still hand out what it had read
            paceCollection(chunk.byteLength);
            controller.enqueue(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
            settle();
          })
          .on('end', () => {
            if (isOver) return;
            isOver = true;
            call.end();
            controller.close();
            settle();
          })
          .on('error', error => {
            if (isOver) return;
            failure = { error: broken(error) };
            close();
          });
        source.pause();
      },
      async pull() {
        if (!failure && !isOver) {
          waiting = Promise.withResolvers();
          const { promise } = waiting;
          call.progress();
          source.resume();
          await promise;
        }
        if (failure) throw failure.error;
      },
      cancel: close,
    },
    { highWaterMark: 0 },
  );
  return { body, close };
}
